"""The HS chapters that the quarantine circulars name, as a start; kept up in the admin."""

import datetime

from django.db import migrations

FROM = datetime.date(2026, 1, 1)
RULES = {
    "animal_quarantine": (
        "Luật Thú y 79/2015/QH13, Điều 37",
        (
            "01",
            "02",
            "03",
            "04",
            "05",
            "1601",
            "1602",
            "1603",
            "1604",
            "1605",
            "2301",
            "2309",
            "4101",
            "4102",
        ),
        (),
    ),
    "plant_quarantine": (
        "Luật Bảo vệ và kiểm dịch thực vật 41/2013/QH13, Điều 25",
        (
            "06",
            "07",
            "08",
            "09",
            "10",
            "11",
            "12",
            "13",
            "14",
            "1801",
            "2302",
            "2304",
            "2401",
            "4403",
            "4407",
            "5201",
        ),
        ("farm",),
    ),
}


def enter(apps, schema_editor):
    rule = apps.get_model("declarations", "QuarantineRule")
    for agency, (basis, prefixes, groups) in RULES.items():
        named = [{"hs_prefix": prefix} for prefix in prefixes] + [{"goods_group": group} for group in groups]
        rule.objects.bulk_create(rule(agency=agency, legal_basis=basis, valid_from=FROM, **what) for what in named)


class Migration(migrations.Migration):
    dependencies = [("declarations", "0001_initial")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
