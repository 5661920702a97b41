"""The bell's other end. What is missing stands in PostgreSQL; the task takes no arguments."""

from celery import shared_task

from insights.baselines import baselines_take


@shared_task(name="insights.tasks.take_baselines", ignore_result=True)
def take_baselines() -> None:
    """Take the baselines of versions that were published since."""
    baselines_take()
