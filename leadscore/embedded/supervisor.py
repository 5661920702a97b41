"""The launcher's hold on its children: starts them, waits with an eye on all of them, stops them in order."""

from collections.abc import Callable
from itertools import groupby
from time import monotonic
from types import TracebackType

from leadscore.embedded.errors import CannotStart, ChildDied
from leadscore.embedded.processes import Child, Command, child_start, children_stop, log_start, log_tail
from leadscore.embedded.roster import Roster
from leadscore.embedded.signals import StopWish

POLL_SECONDS = 0.1
WATCH_SECONDS = 1.0


class Supervisor:
    """Everything started inside its ``with`` block has ended when the block is left, whatever happened."""

    def __init__(self, *, roster: Roster, wish: StopWish) -> None:
        self._roster = roster
        self._wish = wish
        self._children: list[Child] = []

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, command: Command) -> Child:
        """Start a program that is to run until the end."""
        log_start(command.log)
        return self._start(command)

    def finish(self, command: Command) -> None:
        """Run a program to its end. Raises ``CannotStart`` with the end of its log where it fails."""
        child = self._start(command)
        while child.exit_code is None:
            self._look(besides=child)
            self._wish.wait(seconds=POLL_SECONDS)
        self._drop(child)
        if child.exit_code != 0:
            raise CannotStart(
                f"{command.name} failed with exit code {child.exit_code}. The end of {command.log}:\n"
                f"{log_tail(command.log)}"
            )

    def wait_until(self, answers: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Wait until ``answers()`` is true. Raises ``CannotStart`` when the time is up, ``ChildDied`` before."""
        deadline = monotonic() + seconds
        while not answers():
            self._look()
            if monotonic() > deadline:
                raise CannotStart(f"{what} did not answer within {seconds:.0f} seconds; its log tells more.")
            self._wish.wait(seconds=POLL_SECONDS)

    def watch(self) -> None:
        """Wait for the wish to stop. Raises ``Stopped`` then, or ``ChildDied`` when a program ends by itself."""
        while True:
            self._look()
            self._wish.wait(seconds=WATCH_SECONDS)

    def discard(self, child: Child) -> None:
        """Stop one child and forget it."""
        children_stop([child])
        self._drop(child)

    def stop(self) -> None:
        """Stop everything, the highest stage first."""

        def stage(child: Child) -> int:
            return -child.command.stage

        for _, together in groupby(sorted(self._children, key=stage), key=stage):
            children = list(together)
            children_stop(children)
            for child in children:
                self._drop(child)

    def _start(self, command: Command) -> Child:
        child = child_start(command)
        self._children.append(child)
        self._roster.add(name=command.name, pid=child.process.pid, stop_signal=command.stop_signal)
        return child

    def _drop(self, child: Child) -> None:
        self._children.remove(child)
        self._roster.remove(child.process.pid)

    def _look(self, *, besides: Child | None = None) -> None:
        self._wish.check()
        for child in self._children:
            if child is not besides and child.exit_code is not None:
                command = child.command
                raise ChildDied(
                    f"{command.name} ended by itself with exit code {child.exit_code}. The end of {command.log}:\n"
                    f"{log_tail(command.log)}"
                )
