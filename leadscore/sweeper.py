"""The sweeper: what makes everything right without a broker. It repairs every bell that nobody heard."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import structlog
from django.db import close_old_connections
from django.db.utils import InterfaceError, OperationalError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to look after: `work` returns how much it did; `every` seconds it is asked, more often while it finds something."""

    name: str
    work: Callable[[], int]
    every: float


@dataclass(kw_only=True)
class Sweeper:
    """Runs its steps in turn until told to stop. A step that fails is logged and tried again; it stops no other."""

    steps: list[Step]
    stop: Event = field(default_factory=Event)
    pause: float = 1.0
    _due: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        while not self.stop.is_set():
            if not self.turn():
                self.stop.wait(self.pause)

    def turn(self) -> int:
        """Ask every step that is due once; returns how much was done in all."""
        done = 0
        for step in self.steps:
            if self.stop.is_set() or time.monotonic() < self._due.get(step.name, 0.0):
                continue
            found = self._ask(step)
            done += found
            self._due[step.name] = 0.0 if found else time.monotonic() + step.every
        return done

    def _ask(self, step: Step) -> int:
        close_old_connections()
        try:
            return step.work()
        except (OperationalError, InterfaceError) as error:
            log.warning("sweeper_database_away", step=step.name, error=str(error))
        except Exception:
            log.exception("sweeper_step_failed", step=step.name)
        self._due[step.name] = time.monotonic() + max(step.every, 5.0)
        return 0
