"""Running imports: one is claimed by its row, and says with each batch that somebody is at it.

1. claim a row that waits, or whose runner gave no sign of life for a minute; 2. bring its file to disk; 3. store batch after
batch after the last line that is stored; 4. say how it ended, tell whoever brought it, and delete the file.

The sign of life is written in the batch's own transaction, under a lock of the row that comes after those of leads. A
runner that finds another's there, or that the import was stopped, rolls its batch back: no row is stored twice or lost.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.services import notify
from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.pipeline import BatchDone, import_file
from crm.ingestion.rules import ReadingRules
from crm.models import Import, ImportRejection
from crm.services.duplicates import duplicates_ask
from crm.services.imports_file import file_at_hand, file_delete
from crm.services.imports_undo import undo_next, undo_total
from crm.services.notices import IMPORT_DONE, IMPORT_FAILED
from crm.services.retrying import retried
from kernel.errors import LeadscoreError

logger = logging.getLogger(__name__)

SILENCE: Final = timedelta(seconds=60)
MOST_REJECTIONS: Final = 100_000
# How fast a file is brought to disk and read up to where it was left, at the least: so long nobody is given up meanwhile.
_BYTES_A_SECOND: Final = {"csv": 5_000_000, "xlsx": 100_000}
_UNDER_WAY: Final = (Import.State.RUNNING, Import.State.UNDOING)
_TRANSIENT: Final = (OperationalError, InterfaceError)


class LeftError(Exception):
    """This runner goes no further: the import was stopped, another runner has it, or its time is up."""


@dataclass(kw_only=True)
class _Runner:
    """One claimed import; `sign` is what we wrote last, by which we know that it is still ours.

    Where the transaction of that was rolled back, the one before stands.
    """

    import_id: int
    sign: datetime
    until: float | None
    before: datetime | None = None
    batches: int = 0

    def locked(self) -> Import:
        """The row, locked. Raises LeftError where it is not ours any more."""
        import_run = Import.objects.select_for_update(no_key=True).get(pk=self.import_id)
        is_ours = import_run.heartbeat_at is not None and import_run.heartbeat_at in {self.sign, self.before}
        if not is_ours or import_run.state not in _UNDER_WAY:
            raise LeftError
        return import_run

    def beat(self, import_run: Import) -> None:
        """Our sign of life, saved with the row; where our time is up, whoever comes next may have it at once."""
        self.before, self.sign = self.sign, timezone.now()
        self.batches += 1
        import_run.heartbeat_at = self.sign
        import_run.save()

    def hand_back(self) -> None:
        """Let whoever comes next take it up at once, with what is stored by now."""
        ours = [sign for sign in (self.sign, self.before) if sign]
        under_way = Import.objects.filter(pk=self.import_id, heartbeat_at__in=ours)
        under_way.filter(state__in=_UNDER_WAY).update(heartbeat_at=None)

    @property
    def is_over(self) -> bool:
        return self.until is not None and monotonic() >= self.until


def imports_run(*, seconds: float | None = None) -> int:
    """Run and undo what waits, one after the other, until nothing does or the time is up: how many batches were done.

    One that fails says why and stops no other. Raises OperationalError where the database is away; what was on its way is
    taken up later.
    """
    until = None if seconds is None else monotonic() + seconds
    batches = 0
    while (runner := _claim(until)) is not None:
        try:
            _work(runner)
        except LeftError:
            runner.hand_back()
        except LeadscoreError as error:
            _fail(runner, error.detail)
        except _TRANSIENT:
            raise
        except Exception:
            logger.exception("Import %s failed.", runner.import_id)
            _fail(runner, _unexpected())
        # A claim is something done too: whoever asks again until nothing was done comes to an end all the same.
        batches += max(1, runner.batches)
        if runner.is_over:
            break
    return batches


@transaction.atomic
def _claim(until: float | None) -> _Runner | None:
    """The oldest import that waits, or that its runner left alone."""
    now = timezone.now()
    left_alone = Q(state__in=_UNDER_WAY) & (Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - SILENCE))
    free = Import.objects.filter(Q(state=Import.State.WAITING) | left_alone)
    import_run = free.select_for_update(skip_locked=True, no_key=True).order_by("pk").first()
    if import_run is None:
        return None
    if import_run.state == Import.State.WAITING:
        import_run.state = Import.State.RUNNING
    import_run.heartbeat_at = now + _way_to_first_batch(import_run)
    import_run.save(update_fields=["state", "heartbeat_at", "updated_at"])
    return _Runner(import_id=import_run.pk, sign=import_run.heartbeat_at, until=until)


def _way_to_first_batch(import_run: Import) -> timedelta:
    if import_run.state != Import.State.RUNNING:
        return timedelta()
    speed = _BYTES_A_SECOND.get(str(import_run.rules.get("format")), min(_BYTES_A_SECOND.values()))
    return timedelta(seconds=import_run.size / speed)


def _work(runner: _Runner) -> None:
    import_run = Import.objects.select_related("created_by", "undone_by").get(pk=runner.import_id)
    if import_run.state == Import.State.UNDOING:
        _undo(runner, import_run)
        return
    # The reasons for rows that do not go in are for who brought them.
    language = import_run.created_by.language if import_run.created_by else settings.LANGUAGE_CODE
    with translation.override(language):
        _store(runner, import_run)


def _store(runner: _Runner, import_run: Import) -> None:
    with file_at_hand(import_run) as path:
        report = import_file(
            path,
            mapping_from_document(import_run.mapping),
            rules=ReadingRules.from_json(import_run.rules),
            feed=import_run.feed,
            by=import_run.created_by,
            import_id=import_run.pk,
            after_line=import_run.line_done,
            on_batch=lambda batch: _stored(runner, batch),
        )
    with transaction.atomic():
        done = runner.locked()
        done.unmapped_columns = list(report.unmapped_columns)
        _end(done, Import.State.DONE)


def _stored(runner: _Runner, batch: BatchDone) -> None:
    """Inside the batch's transaction: how far we are, and the rows that did not go in."""
    if runner.is_over and runner.batches:
        raise LeftError
    import_run = runner.locked()
    left = MOST_REJECTIONS - import_run.counts.get("rejected", 0)
    ImportRejection.objects.bulk_create(
        [
            ImportRejection(
                import_run=import_run,
                line=row.line,
                code=row.code,
                pointer=row.pointer[:200],
                detail=row.detail,
                cells=list(row.cells),
            )
            for row in batch.rejected[: max(0, left)]
        ],
        ignore_conflicts=True,
    )
    import_run.counts = dict(Counter(import_run.counts) + Counter(batch.counts))
    import_run.rows_done += batch.rows
    import_run.line_done = batch.line
    if import_run.rows_total is not None and import_run.rows_done > import_run.rows_total:
        import_run.rows_total = None
    runner.beat(import_run)


def _undo(runner: _Runner, import_run: Import) -> None:
    if "total" not in import_run.undo_counts:
        with transaction.atomic():
            started = runner.locked()
            started.undo_counts = {"total": undo_total(started), "done": 0}
            runner.beat(started)
    is_left = True
    while is_left:
        if runner.is_over and runner.batches:
            raise LeftError
        is_left = retried(lambda: _undo_batch(runner))


def _undo_batch(runner: _Runner) -> bool:
    """Facts first, then the row, in the order in which a batch of an import takes them."""
    import_run = Import.objects.select_related("undone_by").get(pk=runner.import_id)
    is_left = undo_next(import_run)
    current = runner.locked()
    current.undo_counts = import_run.undo_counts
    if is_left:
        runner.beat(current)
        return True
    current.state, current.undone_at, current.heartbeat_at = Import.State.UNDONE, timezone.now(), None
    current.save()
    current.rejections.all().delete()
    return False


def _fail(runner: _Runner, why: str) -> None:
    """Say why it ended. An undo that failed goes back to where it began, so that it can be tried again."""
    with transaction.atomic():
        try:
            import_run = runner.locked()
        except LeftError:
            return
        import_run.error = why
        _end(import_run, Import.State.FAILED)


def _end(import_run: Import, state: Import.State) -> None:
    import_run.state, import_run.finished_at, import_run.heartbeat_at = state, timezone.now(), None
    if state == Import.State.DONE:
        import_run.rows_total = import_run.rows_done
        duplicates_ask()
    import_run.save()
    file_delete(import_run)
    _tell(import_run)


def _tell(import_run: Import) -> None:
    """Let whoever brought the file know; nobody brought one that came by a command."""
    if import_run.created_by is None:
        return
    notify(
        users=[import_run.created_by],
        kind=IMPORT_DONE if import_run.state == Import.State.DONE else IMPORT_FAILED,
        params={
            "file": import_run.file_name,
            "rows": import_run.rows_done,
            "rejected": import_run.counts.get("rejected", 0),
        },
        url=f"/imports/{import_run.pk}/",
    )


def _unexpected() -> str:
    return _(
        "Something went wrong that we did not foresee; it was written to the log. What is stored stays: undo it, or bring the file again."
    )
