"""What the steps share: the model with its versions, publications and nights through the product's own services."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from accounts.models import Role, User
from bench.matrices import Document, document
from bench.processes import Program
from bench.scale import Scale
from scoring.models import Run, RunRange, ScoringModel
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish
from scoring.services.runs import night_start, runs_drain

SLUG = "bench"


def administrator() -> User:
    return User.objects.filter(role=Role.ADMINISTRATOR).order_by("pk")[0]


def model_ensure() -> ScoringModel:
    """The model, with or without a version."""
    found = ScoringModel.objects.filter(slug=SLUG).first()
    return found or model_create(slug=SLUG, name="Bench", by=administrator())


def model() -> ScoringModel:
    """The model of the bench as matrix.yaml says, published, on today and with every score up to date."""
    found = model_ensure()
    last = Run.objects.filter(model=found, version=found.active_version).order_by("-as_of").first()
    is_ahead = last is not None and last.as_of > timezone.now().date() + timedelta(days=1)
    if last is None or is_ahead or last.version.document["name"] != document()["name"]:
        publish(document())
        found.refresh_from_db()
    while Run.objects.filter(finished_at=None).exists():
        runs_drain() or time.sleep(0.05)
    return found


def draft(made: Document) -> int:
    by = administrator()
    return version_create(model=ScoringModel.objects.get(slug=SLUG), document=made, by=by).pk


def publish(made: Document) -> Run:
    return version_publish(version_id=draft(made), by=administrator(), reason="The bench measures")


def night_open(days: int) -> int:
    """Begin the day that is so many days ahead, as the service does when the clock gets there."""
    later = timezone.now() + timedelta(days=days)
    with mock.patch.object(timezone, "now", return_value=later):
        return night_start()


def drained(workers: Sequence[Program], scale: Scale, what: str = "runs") -> None:
    """Let these processes drain, and wait until each has found nothing more."""
    for each in workers:
        each.tell(what)
    for each in workers:
        each.answer(seconds=scale.step_seconds)


def workers_start(stack: ExitStack, scale: Scale, count: int) -> list[Program]:
    """Processes that drain, warm: their programs loaded and connected."""
    log = scale.folder / "log" / "drainer.log"
    found = [
        stack.enter_context(Program([sys.executable, "-m", "bench.drainer"], log=log, talks=True)) for _ in range(count)
    ]
    for each in found:
        each.answer(seconds=120)
    return found


def changed(run: Run) -> tuple[int, int, str]:
    """Of a run: scores written, leads looked at, and by which ways."""
    rows = list(RunRange.objects.filter(run=run).values_list("changed", "leads", "way"))
    ways = ", ".join(sorted({way for _changed, _leads, way in rows if way}))
    return sum(row[0] for row in rows), sum(row[1] for row in rows), ways
