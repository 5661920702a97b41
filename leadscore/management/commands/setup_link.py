"""`manage.py setup_link`: the link by which the first administrator is made."""

import argparse
from typing import Any
from urllib.parse import urlencode, urljoin

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.models import User
from leadscore.first_run.link import setup_key


class Command(BaseCommand):
    help = "Print the link by which the first administrator is made. Good for 24 hours, and until somebody is there."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000/", help="where this installation answers (default: %(default)s)"
        )
        parser.add_argument("--if-needed", action="store_true", help="say so, and do not fail, where somebody is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            if options["if_needed"]:
                self.stdout.write("Sign in with the account that you made.")
                return
            raise CommandError("This installation has been set up already: sign in, or use createsuperuser.")
        self.stdout.write(f"{urljoin(options['address'], reverse('set-up'))}?{urlencode({'key': setup_key()})}")
