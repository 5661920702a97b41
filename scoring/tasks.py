"""The bell's other end. What there is to do stands in PostgreSQL; a task takes no arguments and drains it."""

from celery import shared_task

from scoring.columns.generations import generation_keep
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, runs_drain

# Under steady traffic a run still goes on: one range after so many batches of single leads.
BATCHES_BETWEEN_RANGES = 10


@shared_task(name="scoring.tasks.wake", ignore_result=True)
def wake() -> None:
    """Begin the day where one began, then judge until nothing waits: single leads first, a range of a run between."""
    night_start()
    while True:
        waiting = work_drain(max_batches=BATCHES_BETWEEN_RANGES)
        ranges = runs_drain(max_ranges=1)
        if not waiting.batches and not ranges:
            return


@shared_task(name="scoring.tasks.keep_columns", ignore_result=True)
def keep_columns() -> None:
    """Bring the column file of this machine up where enough was touched, so that no run has to wait for it."""
    generation_keep()
