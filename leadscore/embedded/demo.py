"""``make demo``: both servers, the schema, the demo company, then web, worker, beat and sweeper until Ctrl-C."""

import errno
import http.client
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from leadscore.embedded.commands import BEAT, MIGRATE, SWEEPER, WEB, WORKER
from leadscore.embedded.console import say
from leadscore.embedded.environment import children_environment, demo_settings, file_write
from leadscore.embedded.errors import CannotStart
from leadscore.embedded.lock import Lock
from leadscore.embedded.processes import Command, log_start
from leadscore.embedded.services import Folder, services_start
from leadscore.embedded.supervisor import Supervisor

DEFAULT_PORT = 8000
NEIGHBOURS = 10
READY_SECONDS = 90
DOORS, WORKERS = 3, 2


def demo_run(
    *,
    project: Path,
    folder: Folder,
    lock: Lock,
    supervisor: Supervisor,
    given: Mapping[str, str],
    is_empty: bool = False,
) -> None:
    """Start everything and stay: with the demo company, or ``is_empty`` and with the link by which to set it up.

    Ends by ``Stopped``, or by a ``CannotStart`` that says why.
    """
    say("Starting LeadScore")
    # The port is bound here and handed on: asking whether it is free and binding it later would be a race.
    with web_socket(given.get("PORT", "")) as web:
        port = web.getsockname()[1]
        services = services_start(folder=folder, supervisor=supervisor, environment=given, durable=True)
        settings = {**services, **demo_settings(folder=folder, given=given, is_empty=is_empty)}
        environment = children_environment(given, settings, home=folder.var / "home")
        handy = folder.var / "demo.env"
        file_write(handy, settings)
        try:
            programs = Programs(project=project, folder=folder, environment=environment)
            log_start(folder.log("set-up"))
            say("  Bringing the schema up to date")
            supervisor.finish(programs.command("migrate", MIGRATE, log="set-up"))
            if not is_empty:
                say("  Making the demo company, if it is not there yet: the first time takes a minute or two")
                supervisor.finish(programs.command("The demo company", ("python", "manage.py", "demo"), log="set-up"))
            say("  Starting web, worker, beat and sweeper")
            supervisor.start(programs.command("worker", (*WORKER, "--concurrency=1"), stage=WORKERS, patience=20))
            bind = f"--bind=fd://{web.fileno()}"
            supervisor.start(
                programs.command("web", (*WEB, "--workers=2", bind), stage=DOORS, descriptors=(web.fileno(),))
            )
            supervisor.start(programs.command("beat", BEAT, stage=DOORS))
            supervisor.start(programs.command("sweeper", SWEEPER, stage=DOORS))
            supervisor.wait_until(web_answers(port), what="The web server", seconds=READY_SECONDS)
            address = f"http://127.0.0.1:{port}/"
            lock.announce(address)
            ask = ("demo", "--print-sign-ins") if not is_empty else ("setup_link", "--if-needed", "--address", address)
            told = answer_read(programs, ask, supervisor=supervisor)
            again = "make demo EMPTY=1" if is_empty else "make demo"
            say(f"\nLeadScore is ready at {address}\n\n{told}\n")
            say(f"Data and logs are in {folder.var}. Ctrl-C stops everything; `{again}` goes on from there.")
            supervisor.watch()
        finally:
            handy.unlink(missing_ok=True)


class Programs:
    """Makes the commands of the product's own programs."""

    def __init__(self, *, project: Path, folder: Folder, environment: Mapping[str, str]) -> None:
        self._project = project
        self._folder = folder
        self._environment = environment

    def command(
        self,
        name: str,
        argv: tuple[str, ...],
        *,
        log: str = "",
        stage: int = DOORS,
        patience: float = 15,
        descriptors: tuple[int, ...] = (),
    ) -> Command:
        return Command(
            name=name,
            argv=argv,
            environment=self._environment,
            folder=self._project,
            log=self._folder.log(log or name),
            stage=stage,
            patience=patience,
            descriptors=descriptors,
        )


def answer_read(programs: Programs, words: tuple[str, ...], *, supervisor: Supervisor) -> str:
    """Ask a command of the product who may come in; the answer comes by a log of its own, gone once it is read."""
    command = programs.command("sign-ins", ("python", "manage.py", *words))
    log_start(command.log)
    supervisor.finish(command)
    answer = command.log.read_text().strip()
    command.log.unlink()
    return answer


def web_socket(wanted: str) -> socket.socket:
    """Bind the web port: the one asked for, else 8000, else one near it, else any. Raises ``CannotStart``."""
    if wanted:
        if not wanted.isascii() or not wanted.isdigit() or not 0 <= int(wanted) <= 65535:
            raise CannotStart(f"PORT is '{wanted}'; it has to be a number from 0 to 65535.")
        try:
            return socket.create_server(("127.0.0.1", int(wanted)), backlog=128)
        except OSError as error:
            raise CannotStart(
                f"Port {wanted} cannot be used ({error.strerror}): choose another, such as "
                f"`make demo PORT={int(wanted) + 1}`."
            ) from error
    for port in (*range(DEFAULT_PORT, DEFAULT_PORT + NEIGHBOURS), 0):
        try:
            bound = socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(f"Port {port} cannot be used ({error.strerror}).") from error
        else:
            if port != DEFAULT_PORT:
                say(f"  Port {DEFAULT_PORT} is taken, so this one is used: {bound.getsockname()[1]}")
            return bound
    raise AssertionError("port 0 is never taken")


def web_answers(port: int) -> Callable[[], bool]:
    """Return the probe that is true once the product says that it is ready."""

    def answers() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return answers
