"""Programs as children: each in a session of its own, told to end when the launcher dies."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from leadscore.embedded.errors import CannotStart
from leadscore.embedded.roster import group_kill

PR_SET_PDEATHSIG = 1
LOG_TAIL_LINES = 15


@dataclass(frozen=True, kw_only=True)
class Account:
    """The user that a program runs as where that is not the one who started the launcher."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """One program to run.

    ``stage`` orders the stop: the highest ends first, equal ones together. ``patience`` is how many seconds it gets
    between its ``stop_signal`` and a kill. ``says`` goes to its standard input, which is empty otherwise.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    account: Account | None = None
    stage: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    descriptors: tuple[int, ...] = ()
    says: str = ""


@dataclass(kw_only=True)
class Child:
    """A running command."""

    command: Command
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.process.poll()


def child_start(command: Command) -> Child:
    """Start a command. Raises ``CannotStart`` where its program cannot be run at all."""
    account = command.account
    command.log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with command.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - the commands are our own constants, no shell
                command.argv,
                env=dict(command.environment),
                cwd=command.folder,
                stdin=subprocess.PIPE if command.says else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=command.descriptors,
                start_new_session=True,
                umask=0o077,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=die_with_parent(command.stop_signal),
            )
    except OSError as error:
        raise CannotStart(f"{command.argv[0]} cannot be run: {error.strerror or error}.") from error
    if process.stdin is not None:
        with process.stdin as stdin:
            stdin.write(command.says.encode())
    return Child(command=command, process=process)


def children_stop(children: list[Child]) -> None:
    """Stop children that belong together: signal all, wait for each, then kill what is left of their groups."""
    for child in children:
        if child.exit_code is None:
            child.process.send_signal(child.command.stop_signal)
    begun = time.monotonic()
    for child in children:
        try:
            child.process.wait(timeout=max(0.0, begun + child.command.patience - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        group_kill(child.process.pid)


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a new child has to call so that the kernel signals it when its parent dies; Linux only.

    Elsewhere a launcher killed outright leaves its children to the next start, which finds them in the roster.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arm() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            # The parent died between fork and prctl, so nobody will send the signal any more.
            os._exit(1)

    return arm


def log_start(path: Path) -> None:
    """Begin a log anew, keeping the one before beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".old.log"))


def log_tail(path: Path) -> str:
    """Return the last lines of a log, indented, for showing under a sentence."""
    try:
        lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    except FileNotFoundError:
        return ""
    return "\n".join(f"  {line}" for line in lines)
