"""What this floor does when a bell of a lower one rings."""

from celery import current_app
from django.dispatch import receiver

from scoring.bell import Bell
from scoring.signals import version_published

# Named, not imported: whoever rings needs only the name.
TAKE_BASELINES = "insights.tasks.take_baselines"


def _send_take_baselines() -> None:
    current_app.send_task(TAKE_BASELINES, retry=False, expires=60, ignore_result=True)


_bell = Bell(send=_send_take_baselines)


@receiver(version_published, dispatch_uid="insights.baselines")
def wake_a_worker(**_: object) -> None:
    """A version was published: the days before it are to be kept."""
    _bell.ring()
