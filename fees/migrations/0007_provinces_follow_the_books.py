from django.db import migrations, models

import fees.models.tariff


class Migration(migrations.Migration):
    dependencies = [("fees", "0006_refunds_from_the_drawer")]

    operations = [
        migrations.AlterField(
            model_name="tariff",
            name="province",
            field=models.CharField(choices=fees.models.tariff.provinces, max_length=50, verbose_name="tỉnh"),
        ),
    ]
