"""A published or retired version never changes its document; what was said can always be said again."""

from django.db import migrations

IMMUTABLE = """
CREATE FUNCTION scoring_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('published', 'retired') THEN
            RAISE EXCEPTION 'Version % was published and cannot be deleted.', OLD.number USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state IN ('published', 'retired') AND (
        NEW.document IS DISTINCT FROM OLD.document OR NEW.checksum IS DISTINCT FROM OLD.checksum
        OR NEW.number IS DISTINCT FROM OLD.number OR NEW.model_id IS DISTINCT FROM OLD.model_id
        OR NEW.state NOT IN ('published', 'retired')
    ) THEN
        RAISE EXCEPTION 'Version % was published and cannot be changed. Make a new version instead.', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scoring_version_immutable BEFORE UPDATE OR DELETE ON scoring_matrixversion
    FOR EACH ROW EXECUTE FUNCTION scoring_version_immutable();
"""
UNDO = """
DROP TRIGGER scoring_version_immutable ON scoring_matrixversion;
DROP FUNCTION scoring_version_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]
    operations = [migrations.RunSQL(IMMUTABLE, UNDO)]
