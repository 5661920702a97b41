"""What Celery may ask of this floor. Tasks take nothing and call one service."""

from celery import shared_task

from accounts.api.idempotency import answers_forget
from accounts.services import notification_emails_send


@shared_task
def forget_answers() -> None:
    """Once a day: answers kept for an Idempotency-Key go after a day."""
    answers_forget()


@shared_task
def send_notifications() -> None:
    """Once a minute: what people asked to have by mail."""
    notification_emails_send()
