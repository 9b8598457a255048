from django.db import migrations

CREATE = """
CREATE FUNCTION refuse_change_of_approved_tariff() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['valid_to', 'end_proposed', 'end_proposed_by_id'];
BEGIN
    IF OLD.state <> 'approved' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an approved tariff never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION refuse_change_of_approved_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        touched := array_append(touched, OLD.tariff_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        touched := array_append(touched, NEW.tariff_id);
    END IF;
    IF EXISTS (SELECT FROM fees_tariff WHERE state = 'approved' AND id = ANY (touched)) THEN
        RAISE EXCEPTION 'the rows of an approved tariff never change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER approved_for_good BEFORE UPDATE OR DELETE ON fees_tariff
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_approved_tariff();
CREATE TRIGGER approved_for_good BEFORE INSERT OR UPDATE OR DELETE ON fees_tariffline
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_approved_rows();
CREATE TRIGGER approved_for_good BEFORE INSERT OR UPDATE OR DELETE ON fees_tariffrule
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_approved_rows();
"""
DROP = """
DROP TRIGGER approved_for_good ON fees_tariffrule;
DROP TRIGGER approved_for_good ON fees_tariffline;
DROP TRIGGER approved_for_good ON fees_tariff;
DROP FUNCTION refuse_change_of_approved_rows();
DROP FUNCTION refuse_change_of_approved_tariff();
"""


class Migration(migrations.Migration):
    dependencies = [("fees", "0004_tariffs_are_approved")]

    operations = [migrations.RunSQL(CREATE, DROP)]
