"""Who was started, by process id *and* start time, so that the next start can end what the last one left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One started process, leader of its own group. ``started`` tells it from a later one with the same id."""

    name: str
    pid: int
    started: str
    stop_signal: int


def process_started(pid: int) -> str | None:
    """Return when a living process started, as text to compare; None where there is none or it is a zombie."""
    if sys.platform != "linux":
        shown = subprocess.run(  # noqa: S603 - a fixed command; no shell, no text of others
            ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
        return None if not shown or shown.startswith("Z") else shown.partition(" ")[2].strip()
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in brackets and may hold anything; state is field 3, the start in ticks since boot field 22.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{boot} {fields[19]}"


def process_command(pid: int) -> str:
    """Return the command line of a process, its words joined by spaces; empty where there is none."""
    if sys.platform != "linux":
        return subprocess.run(  # noqa: S603 - a fixed command; no shell, no text of others
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def process_end(*, pid: int, started: str, stop_signal: int, patience: float = PATIENCE_SECONDS) -> None:
    """End a process that is not our child, gently and then with its whole group; do nothing to a recycled id."""
    if process_started(pid) != started:
        return
    os.kill(pid, stop_signal)
    deadline = time.monotonic() + patience
    while process_started(pid) == started and time.monotonic() < deadline:
        time.sleep(0.05)
    if process_started(pid) in (started, None):
        # Its group goes with it, unless the id has been given away during the wait.
        group_kill(pid)


def group_kill(group: int) -> None:
    """Kill whoever is left in a process group; nobody is left most of the time."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # macOS answers a group of zombies with "not permitted".
        return


class Roster:
    """The list on disk. Written anew, whole, at each change; read by the next launcher, under the lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = self._read()

    def add(self, *, name: str, pid: int, stop_signal: int) -> None:
        """Remember a process that was just started; one that has ended already is not worth a line."""
        started = process_started(pid)
        if started is not None:
            self._entries.append(Entry(name=name, pid=pid, started=started, stop_signal=stop_signal))
            self._write()

    def remove(self, pid: int) -> None:
        """Forget a process that has ended."""
        self._entries = [entry for entry in self._entries if entry.pid != pid]
        self._write()

    def reap(self) -> list[str]:
        """End every remembered process that still runs, the last started first; return their names."""
        ended = []
        for entry in reversed(self._entries):
            if process_started(entry.pid) == entry.started:
                process_end(pid=entry.pid, started=entry.started, stop_signal=entry.stop_signal)
                ended.append(entry.name)
        self._entries = []
        self._write()
        return ended

    def _read(self) -> list[Entry]:
        try:
            return [Entry(**row) for row in json.loads(self._path.read_text())]
        except (FileNotFoundError, ValueError, TypeError):
            # Absent, or cut short when the machine went down: then its processes went down too.
            return []

    def _write(self) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps([asdict(entry) for entry in self._entries], indent=1))
        new.replace(self._path)
