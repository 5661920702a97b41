"""`manage.py runs`: how far publications and nights have come; `--wait` follows them to their end."""

import argparse
import time

from django.core.management.base import BaseCommand, CommandError

from scoring.models import ScoringModel
from scoring.run_progress import RunProgress, runs_progress

SHOWN = 10
SECONDS = 2.0


class Command(BaseCommand):
    help = "Show bulk runs, under way and ended, with their rate and the time left; --wait follows those under way."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--model", metavar="KEY", help="of this model only")
        parser.add_argument("--wait", action="store_true", help="show what is under way until nothing is")

    def handle(self, *, model: str | None, wait: bool, **_: object) -> None:
        model_id = None
        if model is not None:
            found = ScoringModel.objects.filter(slug=model).first()
            if found is None:
                raise CommandError(f"There is no model {model}.")
            model_id = found.pk
        while wait and (under_way := runs_progress(model_id=model_id, is_open=True, limit=SHOWN)):
            self._show(under_way)
            time.sleep(SECONDS)
        last = runs_progress(model_id=model_id, limit=SHOWN)
        self._show(last)
        if not last:
            self.stdout.write("There was no run yet: publish a version.")

    def _show(self, runs: list[RunProgress]) -> None:
        for each in reversed(runs):
            self.stdout.write(sentence(each))


def sentence(progress: RunProgress) -> str:
    """A run in a line."""
    run = progress.run
    parts = [
        f"{run.model.slug}: {progress.done:,} of {progress.total:,} on v{run.version.number} of {run.as_of}",
        f"{progress.changed:,} changed",
        f"{progress.rate:,} a second",
    ]
    if progress.seconds_left is not None:
        minutes, seconds = divmod(progress.seconds_left, 60)
        parts.append(f"{minutes}:{seconds:02} left")
    if progress.ways:
        parts.append(f"by {' and '.join(progress.ways)}")
    return f"{', '.join(parts)}: {progress.state}"
