"""The bell's other end. What there is to do stands in PostgreSQL; a task takes no arguments and drains it."""

from celery import shared_task

from scoring.columns.generations import generation_keep
from scoring.services.looking_again import reviews_ask
from scoring.services.planned import publications_due
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, runs_drain
from scoring.shadow_nights import shadows_night

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


@shared_task(name="scoring.tasks.publish_planned", ignore_result=True)
def publish_planned() -> None:
    """Let go live what was planned for now, and say of which published versions a review is due."""
    publications_due()
    reviews_ask()


@shared_task(name="scoring.tasks.judge_shadows", ignore_result=True)
def judge_shadows() -> None:
    """Judge the drafts that run beside their published versions, where the day's run is done."""
    shadows_night()
