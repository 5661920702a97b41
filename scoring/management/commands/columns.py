"""`manage.py columns --status`: the column file by which whole populations are judged."""

import argparse

from django.core.management.base import BaseCommand

from scoring.columns.filed import FIELDS, PROPERTIES, names_kept
from scoring.columns.generations import Generation, generation_current, generation_rebuild
from scoring.columns.touched import leads_touched


class Command(BaseCommand):
    help = "Say what column file this machine keeps for judging whole populations, or make it anew. It is a cache."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--status", action="store_true", help="say what there is")
        which.add_argument("--build", action="store_true", help="read everybody again")

    def handle(self, *, build: bool, **_: object) -> None:
        generation = generation_rebuild() if build else generation_current()
        self.stdout.write("No column file." if generation is None else _told(generation))


def _told(generation: Generation) -> str:
    columns, folder = generation.columns, generation.path
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    added = [*names_kept(folder, FIELDS), *(f"activity.properties.{each}" for each in names_kept(folder, PROPERTIES))]
    return "\n".join(
        (
            f"File {generation.number}, begun {generation.manifest.made_at}, {size // 1_000_000} MB in {folder}.",
            f"{len(columns)} leads and {len(columns.activities)} activities; everybody was last read "
            f"{generation.manifest.built_at}.",
            f"{len(leads_touched(generation))} leads were touched since and are read afresh.",
            f"Fields held: {', '.join(sorted(added)) or 'none yet'}.",
        )
    )
