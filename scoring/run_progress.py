"""How far bulk runs have come: "412,000 of 1,000,000 on v8", how fast, how long it will take, and by which way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from scoring.models import Run, RunRange

# The rate of a run under way is that of its last ranges, not of the minutes in which its column file was made.
RECENT: Final = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """A run in numbers of leads. `rate` is leads a second, `seconds_left` None where it is ended or nothing tells yet.

    `ways` are those by which its ranges were judged so far, the most frequent first: file, read or engine. `engine` means
    that bulk judgement broke; the log of the process that judged says how.
    """

    run: Run
    done: int
    total: int
    changed: int
    rate: int
    seconds_left: int | None
    ways: Sequence[str]

    @property
    def state(self) -> str:
        """`open`, `done`, or `superseded` by a later run of the model."""
        if self.run.finished_at is None:
            return "open"
        return "superseded" if self.run.is_superseded else "done"

    @property
    def percent(self) -> int:
        return 100 if self.state == "done" else min(99, 100 * self.done // max(self.total, 1))


def run_progress(*, model_id: int) -> RunProgress | None:
    """The progress of the model's last run; None before the first."""
    return next(iter(runs_progress(model_id=model_id, limit=1)), None)


def runs_progress(*, model_id: int | None = None, is_open: bool = False, limit: int) -> list[RunProgress]:
    """The last runs, newest first, of one model or of all; with `is_open` only those under way. Two queries."""
    runs = Run.objects.select_related("model", "version").defer("version__document").order_by("-pk")
    if model_id is not None:
        runs = runs.filter(model=model_id)
    if is_open:
        runs = runs.filter(finished_at=None)
    return _measured(list(runs[:limit]), timezone.now())


def _measured(runs: Iterable[Run], now: datetime) -> list[RunProgress]:
    recently = Q(done_at__gt=now - RECENT)
    rows = (
        RunRange.objects.filter(run__in=runs, done_at__isnull=False)
        .values("run", "way")
        .annotate(
            ranges=Count("pk"),
            done=Sum("leads"),
            changed_leads=Sum("changed"),
            first=Min("done_at"),
            lately=Sum("leads", filter=recently, default=0),
        )
        .order_by("-ranges")
    )
    by_run: dict[int, list[dict[str, object]]] = {}
    for row in rows:
        by_run.setdefault(row["run"], []).append({**row})
    return [_progress(run, by_run.get(run.pk, []), now) for run in runs]


def _progress(run: Run, rows: Sequence[dict[str, object]], now: datetime) -> RunProgress:
    done = _sum(rows, "done")
    total = done if run.finished_at and not run.is_superseded else max(run.total, done)
    if run.finished_at is None:
        first = min((at for row in rows if isinstance(at := row["first"], datetime)), default=now)
        rate = int(_sum(rows, "lately") / min(RECENT, max(now - first, timedelta(seconds=1))).total_seconds())
    else:
        rate = int(done / max((run.finished_at - run.started_at).total_seconds(), 1))
    is_moving = run.finished_at is None and rate > 0
    return RunProgress(
        run=run,
        done=done,
        total=total,
        changed=_sum(rows, "changed_leads"),
        rate=rate,
        seconds_left=-(-(total - done) // rate) if is_moving else None,
        ways=[str(row["way"]) for row in rows if row["way"]],
    )


def _sum(rows: Iterable[dict[str, object]], name: str) -> int:
    return sum(found for row in rows if isinstance(found := row[name], int))
