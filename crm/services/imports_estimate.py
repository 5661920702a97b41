"""What an import would do: its first rows are stored, the floors above are asked, and all is rolled back."""

from django.db import transaction

from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.pipeline import BatchDone, import_file
from crm.ingestion.rules import ReadingRules
from crm.models import Import, Work
from crm.services.imports_asked import handoffs_estimated
from crm.services.imports_file import file_at_hand


class _EnoughError(Exception):
    """The first rows are in; none of it stays."""


def import_estimate(*, import_id: int) -> Import:
    """Keep on the import how many of its first rows' leads would be handed off: {"rows", "qualified", "counts"}.

    Raises BadRequestError where the file cannot be read so. Nothing of the file is stored.
    """
    import_run = Import.objects.select_related("created_by").get(pk=import_id)
    estimate: dict[str, object] = {"rows": 0, "qualified": 0, "counts": {}}

    def ask(batch: BatchDone) -> None:
        touched = set(Work.objects.filter(imported_by=import_run).values_list("lead_id", flat=True))
        estimate["rows"], estimate["counts"] = batch.rows, dict(batch.counts)
        estimate["qualified"] = handoffs_estimated(sorted(touched), import_run.pk)
        raise _EnoughError

    try:
        with file_at_hand(import_run) as path, transaction.atomic():
            import_file(
                path,
                mapping_from_document(import_run.mapping),
                rules=ReadingRules.from_json(import_run.rules),
                feed=import_run.feed,
                by=import_run.created_by,
                import_id=import_run.pk,
                on_batch=ask,
            )
    except _EnoughError:
        pass
    # Of the state as it is now: whoever started it meanwhile decided without.
    Import.objects.filter(pk=import_id).update(estimate=estimate)
    import_run.estimate = estimate
    return import_run
