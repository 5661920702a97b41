"""`manage.py check_scores --all`: hold what is stored against the engine."""

import argparse

from django.core.management.base import BaseCommand, CommandError

from scoring.checking import scores_check

SHOWN = 50


class Command(BaseCommand):
    help = "Judge leads again by an independent checker and compare with their stored scores; exits 1 and names what differs."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="every lead")
        which.add_argument("--sample", type=int, metavar="N", help="this many leads, chosen at random")

    def handle(self, *, sample: int | None, **_: object) -> None:
        if sample is not None and sample < 1:
            raise CommandError("Check at least one lead.")
        report = scores_check(sample=sample)
        self.stdout.write(
            f"{report.leads} leads and {report.scores} scores looked at; not compared: "
            f"{report.waiting} that wait to be judged, {report.quarantined} in quarantine."
        )
        if not report.differences:
            self.stdout.write("No difference.")
            return
        for difference in report.differences[:SHOWN]:
            self.stderr.write(str(difference))
        more = len(report.differences) - SHOWN
        if more > 0:
            self.stderr.write(f"… and {more} more.")
        raise CommandError(f"{len(report.differences)} differences.")
