"""The bell's other end. What there is to do stands in PostgreSQL; the task takes no arguments and drains it."""

from celery import shared_task

from handoff.services.reconciling import handoffs_drain


@shared_task(name="handoff.tasks.qualify", ignore_result=True)
def qualify() -> None:
    """Bring every lead to rest: open, attach, cool, warm, expire, merge."""
    handoffs_drain()
