"""Doing it again where another connection was faster."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import IntegrityError, OperationalError, transaction

ATTEMPTS: Final = 6
DEADLOCK: Final = "40P01"
Answer = TypeVar("Answer")


class MovedError(Exception):
    """What was read is no longer so: a lead was made, merged or erased, or a company went, meanwhile. Try again."""


def retried(attempt: Callable[[], Answer]) -> Answer:
    """Run in a savepoint; roll back to it and run again where a unique key, a deadlock or a move came between.

    After six attempts the failure is raised. Under READ COMMITTED each attempt sees what the others committed.
    """
    for left in range(ATTEMPTS - 1, -1, -1):
        try:
            with transaction.atomic():
                return attempt()
        except (IntegrityError, MovedError):
            if not left:
                raise
        except OperationalError as error:
            if not left or getattr(error.__cause__, "pgcode", "") != DEADLOCK:
                raise
    raise AssertionError("The last attempt either answers or raises.")
