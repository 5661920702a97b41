"""`manage.py sweep`: drain what waits, with or without a broker."""

import argparse
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from handoff.services.reconciling import handoffs_drain
from leadscore.sweeper import Step, Sweeper
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, runs_drain


def steps() -> list[Step]:
    """What is looked after, in the order in which one thing leads to the next."""
    return [
        Step(name="night", work=night_start, every=60.0),
        Step(name="work", work=lambda: work_drain(max_batches=20).batches, every=1.0),
        Step(name="runs", work=lambda: runs_drain(max_ranges=1), every=1.0),
        Step(name="hand-offs", work=lambda: handoffs_drain().done.total(), every=2.0),
    ]


class Command(BaseCommand):
    help = "Score and hand off what waits, until stopped. Needs PostgreSQL only; run one beside the workers, more do no harm."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop as soon as nothing waits")

    def handle(self, *args: Any, **options: Any) -> None:
        sweeper = Sweeper(steps=steps())
        if options["once"]:
            while sweeper.turn():
                pass
            return

        def stop(_signal: int, _frame: FrameType | None) -> None:
            sweeper.stop.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        sweeper.run()
