"""`manage.py sweep`: drain what waits, with or without a broker."""

import argparse
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from accounts.api.idempotency import answers_forget
from accounts.services import notification_emails_send
from crm.services.duplicates_finding import duplicates_look
from crm.services.imports_kept import imports_forget
from crm.services.imports_running import imports_run
from crm.services.machines import machines_look_again
from crm.services.visitors import visitors_forget
from handoff.services.reconciling import handoffs_drain
from insights.baselines import baselines_take
from leadscore.first_run.company import demo_fill
from leadscore.sweeper import Step, Sweeper
from scoring.columns.generations import generation_keep
from scoring.services.looking_again import reviews_ask
from scoring.services.planned import publications_due
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, runs_drain
from scoring.shadow_nights import shadows_night

# So long an import has the sweeper to itself; what waits to be scored goes on then.
IMPORT_SECONDS = 20.0
# So long a publication or a night has it, while events wait.
RUN_SECONDS = 1.0
# So long what it lifted over the line has it, before the next ranges.
HAND_OFF_SECONDS = 2.0
HAND_OFFS = 200
# And so long a look for duplicates: leads that wait to be scored go before it.
DUPLICATES_SECONDS = 5.0


class HandOffs:
    """Brings leads to rest for a while, each turn from where the last one ended."""

    def __init__(self) -> None:
        self._after = 0

    def __call__(self) -> int:
        report = handoffs_drain(limit=HAND_OFFS, seconds=HAND_OFF_SECONDS, after=self._after)
        is_unfinished = report.next_after is not None
        self._after = report.next_after or 0
        return report.done.total() + is_unfinished


def steps() -> list[Step]:
    """What is looked after, in the order in which one thing leads to the next."""
    return [
        Step(name="night", work=night_start, every=60.0),
        Step(name="planned publications", work=publications_due, every=5.0),
        Step(name="demo company", work=demo_fill, every=2.0),
        Step(name="imports", work=lambda: imports_run(seconds=IMPORT_SECONDS), every=2.0),
        Step(name="work", work=lambda: work_drain(max_batches=20).batches, every=1.0),
        Step(name="runs", work=lambda: runs_drain(seconds=RUN_SECONDS), every=1.0),
        Step(name="columns", work=generation_keep, every=300.0),
        Step(name="hand-offs", work=HandOffs(), every=2.0),
        # After the runs: a day is judged once all scores are of it.
        Step(name="shadows", work=shadows_night, every=60.0),
        Step(name="baselines", work=baselines_take, every=60.0),
        # Few at a time: a slow mail server must not keep leads waiting.
        Step(name="mails", work=lambda: notification_emails_send(limit=20), every=30.0),
        Step(name="machines", work=machines_look_again, every=300.0),
        Step(name="duplicates", work=lambda: duplicates_look(seconds=DUPLICATES_SECONDS), every=60.0),
        Step(name="reviews", work=reviews_ask, every=3_600.0),
        # Whoever else forgets them has left nothing to forget: to ask costs a look at an index.
        Step(name="visitors", work=visitors_forget, every=3_600.0),
        Step(name="old imports", work=imports_forget, every=3_600.0),
        Step(name="answers", work=answers_forget, every=3_600.0),
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
