"""Programs that a measurement starts, their private memory, and their end: by their own ids, whatever happens."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from bench.scale import PROJECT
from leadscore.embedded.processes import die_with_parent


class Program:
    """A child in a session of its own; its whole group ends with the `with` block. `peak_mb` is its private memory's peak."""

    def __init__(
        self, argv: Sequence[str], *, more: Mapping[str, str] | None = None, log: Path, talks: bool = False
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("ab")
        pipe = subprocess.PIPE if talks else subprocess.DEVNULL
        programs = str(Path(sys.executable).parent)
        environment = {**os.environ, **(more or {}), "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
        self._process = subprocess.Popen(
            list(argv),
            cwd=PROJECT,
            env=environment,
            stdin=pipe,
            stdout=pipe if talks else self._log,
            stderr=self._log,
            text=talks,
            start_new_session=True,
            # However this process ends, what it started ends with it.
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self._memory = MemoryPeak(self._process.pid)

    @property
    def peak_mb(self) -> float:
        return self._memory.peak_kb / 1024

    def tell(self, line: str) -> None:
        """Send a line to a program that talks."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def answer(self, *, seconds: float) -> str:
        """Its next line. Ends the step with a sentence where none comes in time."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            if not waiting.select(seconds):
                raise SystemExit(f"{' '.join(self._process.args)} said nothing for {seconds:.0f} seconds.")  # type: ignore[arg-type]
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"A program of the bench ended by itself; {self._log.name} says why.")
        return line.strip()

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        for wish, patience in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 10.0)):
            if self._process.poll() is not None:
                break
            os.killpg(self._process.pid, wish)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self._memory.stop()
        self._log.close()


class MemoryPeak:
    """Looks at a process and its children twenty times a second: the most private memory (RssAnon) any one of them held."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self.peak_kb = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            for pid in (self._pid, *_children(self._pid)):
                self.peak_kb = max(self.peak_kb, private_kb(pid))


def private_kb(pid: int) -> int:
    """RssAnon of a process in kB; 0 where it is gone or the system does not say."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon")), 0)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def port_wait(port: int, *, seconds: float = 60) -> None:
    """Until somebody listens there. Ends the step with a sentence where nobody does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"Nothing listened on port {port} within {seconds:.0f} seconds.")
