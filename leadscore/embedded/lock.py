"""One launcher per folder, held by ``flock``: the kernel lets go of it however the launcher ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leadscore.embedded.errors import AlreadyRunning


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The held lock; its file tells a second launcher where the first one answers."""

    descriptor: int

    def announce(self, text: str) -> None:
        """Write what a second launcher shall say, such as the address."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)


@contextmanager
def lock_hold(path: Path) -> Iterator[Lock]:
    """Hold the lock for the length of the block.

    Raises ``AlreadyRunning`` with the other launcher's announcement. The file is never removed: a removed
    lock file lets two launchers hold a lock each.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(descriptor, 4096, 0).decode(errors="replace")
            raise AlreadyRunning(f"Already running in this folder: {text or 'it is still starting'}.") from None
        lock = Lock(descriptor=descriptor)
        lock.announce(f"process {os.getpid()}, still starting")
        yield lock
        lock.announce("")
    finally:
        os.close(descriptor)
