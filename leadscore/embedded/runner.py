"""``python -m leadscore.embedded run -- COMMAND``: a command of the person's, with both servers for as long as it runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from leadscore.embedded.console import say
from leadscore.embedded.environment import TEST_SETTINGS, children_environment
from leadscore.embedded.errors import CannotStart, Stopped
from leadscore.embedded.processes import die_with_parent
from leadscore.embedded.services import Folder, services_start
from leadscore.embedded.signals import StopWish
from leadscore.embedded.supervisor import Supervisor

# A command that was told to stop may still have to write its report.
PATIENCE_SECONDS = 30


def command_run(
    argv: Sequence[str],
    *,
    project: Path,
    folder: Folder,
    supervisor: Supervisor,
    wish: StopWish,
    given: Mapping[str, str],
    umask: int,
    durable: bool,
) -> int:
    """Run the command with its servers and return its exit code, 128 + N where signal N ended it.

    It stays in our process group, since it talks to the person's terminal: a debugger there needs that.
    """
    say("Starting the servers for: " + " ".join(argv))
    services = services_start(folder=folder, supervisor=supervisor, environment=given, durable=durable)
    environment = children_environment(given, {**TEST_SETTINGS, **services}, home=folder.var / "home")
    wish.check()
    try:
        process = subprocess.Popen(  # noqa: S603 - the person's own command, no shell
            list(argv),
            env=environment,
            cwd=project,
            umask=umask,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    except OSError as error:
        raise CannotStart(f"{argv[0]} cannot be run: {error.strerror or error}.") from error
    code = command_wait(process, supervisor=supervisor, wish=wish)
    return 128 - code if code < 0 else code


def command_wait(process: "subprocess.Popen[bytes]", *, supervisor: Supervisor, wish: StopWish) -> int:
    """Wait for the command; pass a wish to stop on to it, and see that it ends."""
    try:
        supervisor.wait_until(lambda: process.poll() is not None, what="The command", seconds=float("inf"))
    except Stopped:
        # Ctrl-C reaches everybody in front of the terminal: a second one would cut the command's own clean-up short.
        if not (wish.received == signal.SIGINT and is_in_front()):
            process.send_signal(wish.received or signal.SIGTERM)
        return process_wait(process)
    except CannotStart:
        process.terminate()
        process_wait(process)
        raise
    return process.wait()


def process_wait(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def is_in_front() -> bool:
    """Tell whether our group is the one that the terminal sends Ctrl-C to."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
