from django.db import migrations

TABLES = ("fees_ledgerentry", "fees_payment", "fees_assessment", "fees_assessmentline")
CREATE = "\n".join(
    f"CREATE TRIGGER appended_only BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();"
    for table in TABLES
)
DROP = "\n".join(f"DROP TRIGGER appended_only ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_initial"), ("checkpoints", "0002_facts_are_appended_only")]

    operations = [migrations.RunSQL(CREATE, DROP)]
