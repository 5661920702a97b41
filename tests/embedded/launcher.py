"""Runs the launcher as a person does: as a program of its own, in a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from leadscore.embedded.roster import process_started
from leadscore.embedded.store import store_remove

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@contextmanager
def launched(
    argv: Sequence[str], *, var: Path, unset: Sequence[str] = ("DATABASE_URL", "REDIS_URL"), **more: str
) -> Iterator["subprocess.Popen[str]"]:
    """Start ``python -m leadscore.embedded --var VAR …``; killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    process = subprocess.Popen(
        [sys.executable, "-m", "leadscore.embedded", "--var", str(var), *argv],
        cwd=PROJECT,
        env={**environment, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


def eventually(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so; a limit that only a broken program meets."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"Still not so: {what}"
        time.sleep(0.05)


def family(pid: int) -> dict[int, str]:
    """Return the living descendants of a process with their start times, its own not counted."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, next_ones = {}, {pid}
    while next_ones:
        next_ones = {child for child, parent in parents.items() if parent in next_ones}
        found |= {child: started for child in next_ones if (started := process_started(child))}
    return found


def survivors(processes: dict[int, str]) -> list[int]:
    """Return those of the processes that still run; a later process with the same id is not one of them."""
    return [pid for pid, started in processes.items() if process_started(pid) == started]


def folder_remove(var: Path) -> None:
    store_remove(var)
    shutil.rmtree(var, ignore_errors=True)
