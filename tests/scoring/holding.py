"""Holding a scorer before one of its statements while somebody else, on a connection of their own, does something."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

PATIENCE = 30.0


def hurry() -> None:
    """Do not wait for the disk on this connection: what is tested is who waits for whom, not a power cut."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


class _Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


@dataclass
class Held:
    """`act` in a thread of its own, stopped until `release()`: before its statement number `at` (from 1), or before the
    first one that holds the text `before`."""

    act: Callable[[], object]
    at: int = 0
    before: str = ""
    error: BaseException | None = None
    statement: str = ""
    _reached: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _asked: int = 0
    _is_killed: bool = False

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_held(self) -> bool:
        """Wait until it stands before its statement; False where it ended without ever coming there."""
        while not self._reached.wait(0.002):
            if not self._thread.is_alive():
                return self._reached.is_set()
        return True

    def release(self) -> None:
        """Let it go on to its end; raise what it raised."""
        self._released.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), f"Held before {self.statement!r} it never ended."
        if self.error is not None:
            raise self.error

    def kill(self) -> None:
        """End it where it stands, as kill -9 would: nothing of its transaction remains."""
        self._is_killed = True
        self._released.set()
        self._thread.join(PATIENCE)
        assert isinstance(self.error, _Killed), self.error

    def _run(self) -> None:
        try:
            hurry()
            with connection.execute_wrapper(self._stop):
                self.act()
        except BaseException as error:  # noqa: BLE001 - handed to whoever releases
            self.error = error
        finally:
            connection.close()

    def _stop(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._asked += 1
        is_it = self._asked == self.at or (self.before and self.before in sql)
        if is_it and not self.statement:
            self.statement = sql
            self._reached.set()
            assert self._released.wait(PATIENCE), "Nobody released the scorer."
            if self._is_killed:
                raise _Killed
        return execute(sql, params, many, context)


@dataclass
class Other:
    """`act` in a thread of its own; `until_done_or_blocked` returns when it has ended or waits for a lock."""

    act: Callable[[], object]
    error: BaseException | None = None
    _pid: int = 0

    def __post_init__(self) -> None:
        self._connected = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def until_done_or_blocked(self) -> bool:
        """Whether it is done; else it waits for somebody's lock."""
        assert self._connected.wait(PATIENCE)
        while self._thread.is_alive():
            with connection.cursor() as cursor:
                cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [self._pid])
                row = cursor.fetchone()
            if row is not None and row[0]:
                return False
            self._thread.join(0.002)
        return True

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "The other one never ended."
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            hurry()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._pid = cursor.fetchone()[0]
            self._connected.set()
            self.act()
        except BaseException as error:  # noqa: BLE001 - handed to whoever joins
            self.error = error
        finally:
            self._connected.set()
            connection.close()
