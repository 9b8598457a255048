from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fees", "0008_payers_that_are_authorised"),
    ]

    operations = [
        migrations.AlterField(
            model_name="assessmentline",
            name="factor",
            field=models.DecimalField(decimal_places=12, default=Decimal("1"), max_digits=20, verbose_name="hệ số"),
        ),
    ]
