"""What this floor does when a bell of a lower one rings."""

from celery import current_app
from django.dispatch import receiver

from scoring.bell import Bell
from scoring.signals import scores_changed

# Named, not imported: the task imports services, and whoever rings needs only the name.
QUALIFY = "handoff.tasks.qualify"


def _send_qualify() -> None:
    current_app.send_task(QUALIFY, retry=False, expires=10, ignore_result=True)


_bell = Bell(send=_send_qualify)


@receiver(scores_changed, dispatch_uid="handoff.qualify")
def wake_a_worker(**_: object) -> None:
    """Scores were judged: somebody may have crossed a line. Which ones, the rows say."""
    _bell.ring()
