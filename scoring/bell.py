"""The bell of this floor: it wakes a worker that judges what waits."""

from celery import current_app

from crm.bell import Bell

__all__ = ["KEEP_COLUMNS", "WAKE", "Bell", "columns_ring", "ring"]

# Named, not imported: tasks call services, and services ring.
WAKE = "scoring.tasks.wake"
KEEP_COLUMNS = "scoring.tasks.keep_columns"


def _send_wake() -> None:
    current_app.send_task(WAKE, retry=False, expires=10, ignore_result=True)


_bell = Bell(send=_send_wake)


def ring() -> bool:
    """Wake a worker, if the broker takes it."""
    return _bell.ring()


def _send_keep_columns() -> None:
    current_app.send_task(KEEP_COLUMNS, retry=False, expires=290, ignore_result=True)


_columns = Bell(send=_send_keep_columns)


def columns_ring() -> bool:
    """Have a worker bring the column file up, if the broker takes it."""
    return _columns.ring()
