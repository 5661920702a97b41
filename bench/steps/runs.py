"""Publications and nights through the product's own services, drained by two processes; private memory of those."""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from bench.figures import Figure, seconds
from bench.matrices import Document, conditions_changed, document, points_moved
from bench.processes import Program
from bench.progress import say
from bench.scale import Scale
from bench.world import administrator, changed, draft, drained, model_ensure, night_open, workers_start
from scoring.models import Run
from scoring.services.publication import version_publish


def measure(scale: Scale) -> Sequence[Figure]:
    columns_forget()
    first = _first(scale)
    with ExitStack() as stack:
        two = workers_start(stack, scale, 2)
        turns = range(scale.repeats)
        points = [_published(scale, two, points_moved(turn)) for turn in turns]
        one = [_published(scale, two[:1], points_moved(turn + scale.repeats)) for turn in turns]
        conditions = [_published(scale, two, conditions_changed(turn)) for turn in turns]
        nights = [_night(scale, two, days) for days in range(1, scale.repeats + 1)]
        columns_forget()
        cold = [_published(scale, two, conditions_changed(scale.repeats))]
        peak = max(each.peak_mb for each in two)
    return [
        _figure("publish-first", "first publication: every score new, cold", [first]),
        _figure("publish-points", "publication that changes points: three values", points),
        _figure("publish-points-one", "the same by one process", one),
        _figure("publish-conditions", "publication that changes every condition, warm column data", conditions),
        _figure("publish-cold", "publication that changes every condition, cold", cold),
        _figure("night", "night: every age moves", nights),
        Figure(key="memory-run", title="private memory of a process of the bulk run, peak", unit="MB", runs=[peak]),
    ]


Measured = tuple[float, Run]


def columns_forget() -> None:
    """No column data: the next who asks builds it."""
    shutil.rmtree(Path(settings.COLUMNS_DIR), ignore_errors=True)


def _first(scale: Scale) -> Measured:
    with ExitStack() as stack:
        two = workers_start(stack, scale, 2)
        model_ensure()
        return _published(scale, two, document())


def _published(scale: Scale, workers: Sequence[Program], made: Document) -> Measured:
    version, by = draft(made), administrator()
    runs: list[Run] = []

    def publish_and_drain() -> None:
        runs.append(version_publish(version_id=version, by=by, reason="The bench measures"))
        drained(workers, scale)

    took = seconds(publish_and_drain)
    say(f"{made['name']}: {took:.2f} s, {changed(runs[0])[0]:,} scores written")
    return took, runs[0]


def _night(scale: Scale, workers: Sequence[Program], days: int) -> Measured:
    def begin_and_drain() -> None:
        if night_open(days) != 1:
            raise SystemExit("The night did not begin.")
        drained(workers, scale)

    took = seconds(begin_and_drain)
    run = Run.objects.order_by("-pk")[0]
    say(f"Night {days}: {took:.2f} s, {changed(run)[0]:,} scores written")
    return took, run


def _figure(key: str, title: str, measured: Sequence[Measured]) -> Figure:
    written, leads, ways = changed(measured[0][1])
    note = f"{100 * written / max(leads, 1):.1f} % of {leads:,} scores written, judged by: {ways or 'engine'}"
    return Figure(key=key, title=title, unit="s", runs=[took for took, _run in measured], note=note)
