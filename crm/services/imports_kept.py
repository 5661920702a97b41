"""How long imports keep what people said in them, and how it goes when a person is erased."""

from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db import models, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.ingestion.csv_file import MOST_COLUMNS
from crm.models import ExternalId, Import, ImportRejection, Lead, SavedMapping
from crm.services.imports_file import file_delete

Row = TypeVar("Row", bound=models.Model)
REJECTIONS_KEPT: Final = timedelta(days=30)
UPLOADS_KEPT: Final = timedelta(days=3)


def imports_forget(*, now: datetime | None = None) -> int:
    """Delete rejected rows 30 days after their import ended, and files that were never started after three: how many rows.

    A file that waits to be started is somebody's whole list: it stays no longer than it takes to find the time.
    """
    now = now or timezone.now()
    for waiting in Import.objects.filter(state=Import.State.UPLOADED, updated_at__lt=now - UPLOADS_KEPT):
        with transaction.atomic():
            locked = Import.objects.select_for_update(no_key=True).get(pk=waiting.pk)
            if locked.state != Import.State.UPLOADED:
                continue
            locked.state, locked.finished_at = Import.State.STOPPED, now
            locked.save(update_fields=["state", "finished_at", "updated_at"])
            file_delete(locked)
    deleted, _by_model = ImportRejection.objects.filter(import_run__finished_at__lt=now - REJECTIONS_KEPT).delete()
    return deleted


def imports_erase(lead: Lead) -> None:
    """Delete what imports kept of this person, however it is written: rejected rows in which a cell is their address, number
    or id, and names of columns that are, where the first row of a file without a header was taken for one."""
    said = {lead.email, lead.email_key, lead.phone, lead.phone_key}
    said |= set(ExternalId.objects.filter(lead=lead).values_list("external_id", flat=True))
    wanted = sorted({text.strip().lower() for text in said if text})
    _holding(ImportRejection.objects.all(), "cells", wanted).delete()
    # Columns without names go by their number, which may be somebody's short id too.
    names = [text for text in wanted if len(text) > len(str(MOST_COLUMNS))]
    _holding(SavedMapping.objects.all(), "header", names).delete()
    ended = Import.objects.exclude(state__in=[Import.State.WAITING, Import.State.RUNNING, Import.State.UNDOING])
    _holding(ended, "columns", names).update(columns=[], unmapped_columns=[], mapping={})


def _holding(rows: QuerySet[Row], texts: str, wanted: list[str]) -> QuerySet[Row]:
    """The rows of which one of the texts in this array is one of those wanted."""
    found = f"EXISTS (SELECT 1 FROM unnest({texts}) AS text WHERE lower(btrim(text)) = ANY(%s))"  # noqa: S608 # nosec B608
    return rows.filter(RawSQL(found, [wanted], BooleanField()))  # noqa: S611 # nosec B611 - the name of a column
