"""`manage.py demo`: the demo company, made once."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from leadscore.demo.story import is_told, now_whole, sign_ins, tell


class Command(BaseCommand):
    help = "Make the demo company: people, two published versions and a draft, leads with a year of activities, a worked queue."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--leads", type=int, default=5_000, help="how many leads (default 5000)")
        parser.add_argument("--print-sign-ins", action="store_true", help="only print who can be signed in as")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print_sign_ins"]:
            self.stdout.write("\n".join(sign_ins()))
        elif is_told():
            self.stdout.write("The demo company is already there.")
        else:
            tell(leads=options["leads"], now=now_whole(), say=self.stdout.write)
