"""`python -m bench.drainer`: a worker's process without its broker. It drains what it is told to, and says when nothing is left.

A line `runs` judges open ranges until no run is open, `work` what waits of single leads; `end` ends it.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscore.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
django.setup()

from scoring.models import Run  # noqa: E402 - after the set-up
from scoring.services.rescoring import work_drain  # noqa: E402
from scoring.services.runs import runs_drain  # noqa: E402


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        match line.strip():
            case "runs":
                # While another process makes the column file there is nothing to claim, and yet the run is open.
                while not runs_drain() and Run.objects.filter(finished_at=None).exists():
                    time.sleep(0.02)
                while Run.objects.filter(finished_at=None).exists():
                    runs_drain() or time.sleep(0.02)
            case "work":
                work_drain()
            case _:
                return
        print("done", flush=True)


if __name__ == "__main__":
    main()
