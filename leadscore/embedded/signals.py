"""A wish to stop, heard at once wherever the launcher is waiting."""

import os
import select
import signal
from types import FrameType

from leadscore.embedded.errors import Stopped

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopWish:
    """Set by INT, TERM and HUP, and only set: the handler does nothing else, so it can interrupt anything."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._wakes, self._woken_by = os.pipe()
        os.set_blocking(self._wakes, False)
        os.set_blocking(self._woken_by, False)

    def listen(self) -> None:
        """Take over the signals. A HUP that was ignored (``nohup``) stays ignored."""
        signal.set_wakeup_fd(self._woken_by, warn_on_full_buffer=False)
        for number in STOPPING:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)
        # A handler, though an empty one, makes the end of a child wake `wait`.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def wait(self, *, seconds: float) -> None:
        """Sleep until a signal arrives or the time is up."""
        select.select([self._wakes], [], [], seconds)
        try:
            os.read(self._wakes, 512)
        except BlockingIOError:
            return

    def check(self) -> None:
        """Raise ``Stopped`` once the wish has been heard."""
        if self.received is not None:
            raise Stopped

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number)
