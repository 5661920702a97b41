"""The life of an import: a file is brought, looked at, prepared and started; stopped or undone later.

Whoever works here finds the row that waits and runs it: crm.services.imports_running. States only move forward, each under
a lock of the row.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from crm.bell import imports_ring
from crm.ingestion.looking import FileLook, file_look
from crm.ingestion.mapping import mapping_from_document
from crm.models import Import
from crm.services.imports_file import file_at_hand, file_delete, file_store
from kernel.errors import BadRequestError, ConflictError, Problem

FEED: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_ENDED: Final = (Import.State.DONE, Import.State.FAILED, Import.State.STOPPED)
_STOPPABLE: Final = (Import.State.UPLOADED, Import.State.WAITING, Import.State.RUNNING)


@transaction.atomic
def import_create(*, file_name: str, content: Iterable[bytes], by: User | None = None) -> Import:
    """Keep a file that somebody brings. Raises BadRequestError for one that is empty or too large."""
    name = PurePath(file_name.replace("\\", "/")).name[-255:] or _("file")
    made = Import.objects.create(file_name=name, feed=feed_proposed(name), size=0, created_by=by)
    file_store(made, content)
    made.save(update_fields=["size", "digest"])
    return made


def feed_proposed(file_name: str) -> str:
    """A name of who sends the rows, from the name of the file: `Trade fair 2026.xlsx` is `trade-fair-2026`.

    Days and counters that exports put at the end go, so that next week's export is of the same feed.
    """
    stem = PurePath(file_name).stem.lower()
    stem = re.sub(r"[\s_.-]*(\(\d+\)|\d{4}[-_.]?\d{2}[-_.]?\d{2}.*|copy|\d{6,})$", "", stem)
    slug = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:60].strip("-")
    return slug or "file"


def imports_same(import_run: Import) -> QuerySet[Import]:
    """Imports of the very same file that were started, newest first."""
    same = Import.objects.filter(digest=import_run.digest, started_at__isnull=False)
    return same.exclude(pk=import_run.pk).order_by("-id")


def import_look(import_run: Import, *, given: Mapping[str, object] | None = None) -> FileLook:
    """How the file is read, by the rules given or as recognised. Raises BadRequestError where it cannot be read at all."""
    with file_at_hand(import_run) as path:
        return file_look(path, file_name=import_run.file_name, given=given)


@transaction.atomic
def import_prepare(*, import_id: int, look: FileLook, mapping: Mapping[str, object], feed: str) -> Import:
    """Say what the columns of a file as looked at mean and who sends it. Raises BadRequestError with every problem."""
    import_run = Import.objects.select_for_update(no_key=True).get(pk=import_id)
    if import_run.state != Import.State.UPLOADED:
        raise ConflictError(
            _("This import has started. Bring the file again to read it otherwise."),
            code="started",
            extra={"state": import_run.state},
        )
    if not FEED.fullmatch(feed):
        detail = _("Name the feed in small letters, digits and dashes.")
        raise BadRequestError(
            detail, code="bad_feed", problems=[Problem(pointer="/feed", code="bad_feed", detail=detail)]
        )
    document = {**mapping, "feed": feed}
    import_run.about, import_run.feed = mapping_from_document(document).about, feed
    import_run.rules, import_run.mapping, import_run.columns = look.rules.to_json(), document, list(look.columns)
    import_run.rows_total, import_run.estimate = look.estimated_rows, {}
    import_run.save()
    return import_run


@transaction.atomic
def import_start(*, import_id: int, handoffs: str, per_day: int | None = None, by: User | None = None) -> Import:
    """Let it run, and say what happens to leads that qualify by it. Starting what has started changes nothing."""
    import_run = Import.objects.select_for_update(no_key=True).get(pk=import_id)
    if import_run.state != Import.State.UPLOADED:
        return import_run
    if not import_run.mapping:
        raise ConflictError(_("Say first what the columns mean."), code="not_prepared")
    if handoffs == Import.Handoffs.SPREAD and not per_day:
        detail = _("Say how many hand-offs may be opened a day.")
        raise BadRequestError(
            detail, code="required", problems=[Problem(pointer="/handoffs_per_day", code="required", detail=detail)]
        )
    import_run.state = Import.State.WAITING
    import_run.handoffs = Import.Handoffs(handoffs)
    import_run.handoffs_per_day = per_day if handoffs == Import.Handoffs.SPREAD else None
    import_run.started_at = timezone.now()
    import_run.save(update_fields=["state", "handoffs", "handoffs_per_day", "started_at", "updated_at"])
    audit_record(
        action="import.start",
        subject_type="import",
        subject_id=import_run.pk,
        actor=by,
        details={"digest": import_run.digest, "feed": import_run.feed, "handoffs": str(import_run.handoffs)},
    )
    transaction.on_commit(imports_ring, robust=True)
    return import_run


@transaction.atomic
def import_stop(*, import_id: int, by: User | None = None) -> Import:
    """End it where it stands: what is stored stays, the batch on its way does not go in. Twice is once."""
    import_run = Import.objects.select_for_update(no_key=True).get(pk=import_id)
    if import_run.state == Import.State.STOPPED:
        return import_run
    if import_run.state not in _STOPPABLE:
        raise ConflictError(_("This import has ended already."), code="ended", extra={"state": import_run.state})
    was_started = import_run.started_at is not None
    import_run.state, import_run.finished_at = Import.State.STOPPED, timezone.now()
    import_run.save(update_fields=["state", "finished_at", "updated_at"])
    file_delete(import_run)
    if was_started:
        details = {"rows": import_run.rows_done}
        audit_record(action="import.stop", subject_type="import", subject_id=import_run.pk, actor=by, details=details)
    return import_run


@transaction.atomic
def import_undo(*, import_id: int, by: User | None = None) -> Import:
    """Take back what an import brought, as far as nobody else has built on it. Twice is once."""
    import_run = Import.objects.select_for_update(no_key=True).get(pk=import_id)
    if import_run.state in {Import.State.UNDOING, Import.State.UNDONE}:
        return import_run
    if import_run.state not in _ENDED or import_run.started_at is None:
        raise ConflictError(
            _("Only an import that has ended can be undone. Stop it first."),
            code="not_ended",
            extra={"state": import_run.state},
        )
    import_run.state, import_run.undone_by, import_run.heartbeat_at = Import.State.UNDOING, by, None
    import_run.undo_counts = {}
    import_run.save(update_fields=["state", "undone_by", "heartbeat_at", "undo_counts", "updated_at"])
    audit_record(
        action="import.undo",
        subject_type="import",
        subject_id=import_run.pk,
        actor=by,
        details={"rows": import_run.rows_done, "feed": import_run.feed},
    )
    transaction.on_commit(imports_ring, robust=True)
    return import_run
