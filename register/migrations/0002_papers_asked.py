"""The papers of Nghị định 112/2014 and Thông tư 09/2016, as a start: all are warned of; kept up in the admin."""

import datetime

from django.db import migrations

FROM = datetime.date(2026, 1, 1)
DECREE = "Nghị định 112/2014/NĐ-CP, Điều {}"
CIRCULAR = "Thông tư 09/2016/TT-BQP, Điều {}"
ANYWHERE = (
    (("registration",), DECREE.format("9(2)a")),
    (("inspection",), DECREE.format("9(2)đ")),
    (("insurance",), DECREE.format("9(2)e")),
    (("licence",), DECREE.format("9(3)b")),
)
# To cross the border, by the driver's nationality and the kind of gate.
CROSSING = (
    ("VN", ("international", "main"), ("passport", "border_pass", "travel_pass"), CIRCULAR.format("8(1)a")),
    ("VN", ("secondary",), ("border_pass", "travel_pass"), CIRCULAR.format("8(1)b")),
    ("CN", ("international", "main"), ("passport", "border_pass"), CIRCULAR.format("8(2)b")),
    ("CN", ("secondary",), ("border_pass", "travel_pass"), CIRCULAR.format("8(2)c")),
    ("VN", ("opening",), ("passport", "border_pass", "travel_pass"), CIRCULAR.format("8(1)c")),
    ("CN", ("opening",), ("passport", "border_pass", "travel_pass"), CIRCULAR.format("8(2)d")),
)


def enter(apps, schema_editor):
    rule = apps.get_model("register", "PaperRule")
    rules = [rule(any_of=list(kinds), legal_basis=basis, valid_from=FROM) for kinds, basis in ANYWHERE]
    rules += [
        rule(any_of=list(papers), country=country, gate_kind=kind, legal_basis=basis, valid_from=FROM)
        for country, kinds, papers, basis in CROSSING
        for kind in kinds
    ]
    rule.objects.bulk_create(rules)


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
