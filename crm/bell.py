"""The door-bell: one message to a worker that there is something to do. Losing it costs seconds, never work.

A broker that is gone, full or frozen must not hold up whoever rings. Each try ends by itself (socket timeouts of a
second, no retry), and after one that failed nobody in this process tries again for 30 seconds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REST_SECONDS = 30.0
# Named, not imported: tasks call services, and services ring.
RUN_IMPORTS = "crm.tasks.run_imports"
FIND_DUPLICATES = "crm.tasks.find_duplicates"


@dataclass(kw_only=True)
class Bell:
    """Rings through `send` unless a try failed less than `rest_seconds` ago."""

    send: Callable[[], object]
    rest_seconds: float = REST_SECONDS
    clock: Callable[[], float] = monotonic
    _quiet_until: float = field(default=float("-inf"), init=False)
    _trying: Lock = field(default_factory=Lock, init=False)

    def ring(self) -> bool:
        """Whether the message was handed to the broker.

        Threads queue up behind a try, so that while the broker is frozen one of them waits for it and not all in turn.
        """
        if self.clock() < self._quiet_until:
            return False
        with self._trying:
            if self.clock() < self._quiet_until:
                return False
            try:
                self.send()
            except (KombuError, RedisError, OSError) as error:
                self._quiet_until = self.clock() + self.rest_seconds
                logger.warning(
                    "The broker did not take the bell: %s. The sweeper will find the work.", type(error).__name__
                )
                return False
        return True


def _send_run_imports() -> None:
    current_app.send_task(RUN_IMPORTS, retry=False, expires=10, ignore_result=True)


_imports = Bell(send=_send_run_imports)


def imports_ring() -> bool:
    """Wake a worker for an import that waits, if the broker takes it."""
    return _imports.ring()


def _send_find_duplicates() -> None:
    current_app.send_task(FIND_DUPLICATES, retry=False, expires=3_600, ignore_result=True)


_duplicates = Bell(send=_send_find_duplicates)


def duplicates_ring() -> bool:
    """Have a worker look for duplicates soon, if the broker takes it."""
    return _duplicates.ring()
