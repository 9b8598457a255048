from django.db import migrations

CREATE = """
CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: history is only appended to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER appended_only BEFORE UPDATE OR DELETE ON checkpoints_fact
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER appended_only BEFORE UPDATE OR DELETE ON checkpoints_auditanchor
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
"""
DROP = """
DROP TRIGGER appended_only ON checkpoints_fact;
DROP TRIGGER appended_only ON checkpoints_auditanchor;
DROP FUNCTION refuse_change_of_history();
"""


class Migration(migrations.Migration):
    dependencies = [("checkpoints", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
