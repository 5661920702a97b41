"""What Celery may ask of this floor. Tasks take nothing and call one service."""

from celery import shared_task

from crm.bell import FIND_DUPLICATES, RUN_IMPORTS
from crm.services.duplicates_finding import duplicates_look
from crm.services.imports_kept import imports_forget
from crm.services.imports_running import imports_run
from crm.services.machines import machines_look_again
from crm.services.visitors import visitors_forget


@shared_task
def forget_visitors() -> None:
    """Once a day: visitors nobody identified within 90 days go."""
    visitors_forget()


@shared_task(name=RUN_IMPORTS, ignore_result=True)
def run_imports() -> None:
    """Run and undo imports until none waits."""
    imports_run()


@shared_task
def forget_imports() -> None:
    """Once a day: rejected rows go after 30 days, files that were never started after three."""
    imports_forget()


@shared_task(name=FIND_DUPLICATES)
def find_duplicates() -> None:
    """When asked, once a day, and where a look was cut short: who may be one person."""
    duplicates_look()


@shared_task
def look_for_machines() -> None:
    """Every five minutes: bursts that two batches did not see of each other."""
    machines_look_again()
