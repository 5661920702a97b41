"""What Celery may ask of this floor. Tasks take nothing and call one service."""

from celery import shared_task

from crm.services.visitors import visitors_forget


@shared_task
def forget_visitors() -> None:
    """Once a day: visitors nobody identified within 90 days go."""
    visitors_forget()
