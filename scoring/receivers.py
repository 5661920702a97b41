"""What this floor does when a bell of a lower one rings."""

from django.dispatch import receiver

from crm.signals import work_waiting
from scoring.bell import ring


@receiver(work_waiting, dispatch_uid="scoring.wake")
def wake_a_worker(**_: object) -> None:
    ring()
