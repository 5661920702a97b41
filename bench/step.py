"""`python -m bench.step NAME FILE`: one step in a process of its own, on the database of DATABASE_URL; figures into FILE."""

import importlib
import os
import signal
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscore.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from bench.figures import figures_write
from bench.scale import scale_chosen


def main() -> None:
    # Told to end, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    name, path = sys.argv[1:]
    django.setup()
    figures_write(Path(path), importlib.import_module(f"bench.steps.{name}").measure(scale_chosen()))


if __name__ == "__main__":
    main()
