"""`manage.py evaluate FILE.jsonl`: a line `{"matrix", "facts", "as_of"}` in, the card or its errors as a line out."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from scoring.engine.errors import problem
from scoring.engine.json_text import write_json
from scoring.judging import judge_text


class Command(BaseCommand):
    help = "Judge each line of a file, without a database: {matrix, facts, as_of} in, the score card or its errors out."
    # A matrix can be tested where neither a database nor a broker runs.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.jsonl", help="one JSON object a line; - reads standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] == "-":
            self._answer(sys.stdin.buffer)
            return
        try:
            lines = Path(options["file"]).open("rb")  # noqa: SIM115 - closed below, apart from the refusal
        except OSError as error:
            raise CommandError(
                _("Cannot read %(file)s: %(reason)s.") % {"file": options["file"], "reason": error.strerror}
            ) from error
        with lines:
            self._answer(lines)

    def _answer(self, lines: BinaryIO) -> None:
        for answer in _answers(lines):
            self.stdout.write(write_json(answer))


def _answers(lines: BinaryIO) -> Iterator[dict[str, object]]:
    for line in lines:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            refused = problem("", "broken_json", line=1, column=error.start + 1)
            yield {"errors": [refused.to_json()]}
            continue
        yield judge_text(text)
