"""`manage.py check_scores --all`: hold what is stored against the engine; `--bulk` against bulk judgement."""

import argparse

from django.core.management.base import BaseCommand, CommandError

from scoring.bulk_checking import scores_check_bulk
from scoring.checking import CheckReport, scores_check

SHOWN = 50


class Command(BaseCommand):
    help = "Judge leads again by an independent checker and compare with their stored scores; exits 1 and names what differs."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="every lead, by the engine")
        which.add_argument("--sample", type=int, metavar="N", help="this many leads, chosen at random")
        which.add_argument("--bulk", action="store_true", help="every lead, by bulk judgement: fast, not independent")
        parser.add_argument("--part", default="1/1", metavar="K/N", help="the Kth of N parts; a process each for speed")

    def handle(self, *, sample: int | None, bulk: bool, part: str, **_: object) -> None:
        if sample is not None and sample < 1:
            raise CommandError("Check at least one lead.")
        if bulk and part != "1/1":
            raise CommandError("Bulk judgement looks at all leads at once: leave --part out.")
        self._tell(scores_check_bulk() if bulk else scores_check(sample=sample, part=_part(part)))

    def _tell(self, report: CheckReport) -> None:
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


def _part(text: str) -> tuple[int, int]:
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise CommandError(f"{text} is no part: say 1/2 for the first of two.")
    return int(number), int(of)
