"""The two servers, each unless its address is in the environment already."""

import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from leadscore.embedded.binaries import postgres_find, valkey_find
from leadscore.embedded.console import say
from leadscore.embedded.errors import ChildDied
from leadscore.embedded.postgres import Cluster, cluster_prepare, postgres_answers, postgres_command
from leadscore.embedded.processes import Command
from leadscore.embedded.store import store_open
from leadscore.embedded.supervisor import Supervisor
from leadscore.embedded.valkey import valkey_answers, valkey_command, valkey_url

PORT_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A ``var`` folder and what lies where in it."""

    var: Path

    @property
    def lock(self) -> Path:
        return self.var / "launcher.lock"

    @property
    def roster(self) -> Path:
        return self.var / "processes.json"

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"


def services_start(
    *, folder: Folder, supervisor: Supervisor, environment: Mapping[str, str], durable: bool
) -> dict[str, str]:
    """Start what the environment does not name; return DATABASE_URL and REDIS_URL.

    REDIS_URL is empty where no Valkey runs here: Celery then rings over files, and the sweeper never needed a bell.
    """
    return {
        "DATABASE_URL": environment.get("DATABASE_URL")
        or database_start(folder=folder, supervisor=supervisor, durable=durable),
        "REDIS_URL": environment.get("REDIS_URL") or broker_start(folder=folder, supervisor=supervisor),
    }


def database_start(*, folder: Folder, supervisor: Supervisor, durable: bool) -> str:
    """Start PostgreSQL and return its URL."""
    store = store_open(folder.var)
    cluster = Cluster(programs=postgres_find(store), store=store, log=folder.log("postgres"), durable=durable)
    is_new = not cluster.data.exists()
    cluster_prepare(cluster, supervisor=supervisor)
    for other in cluster.others() if is_new else ():
        say(f"  {other} is of another PostgreSQL version: its data stays there and is not shown.")
    port = server_start(
        supervisor=supervisor,
        command=lambda port: postgres_command(cluster, port=port),
        answers=lambda port: postgres_answers(cluster, port=port),
        seconds=120,
    )
    say(f"  PostgreSQL {cluster.programs.major} on port {port}")
    return cluster.url(port)


def broker_start(*, folder: Folder, supervisor: Supervisor) -> str:
    """Start Valkey and return its URL; empty where the machine has none."""
    store = store_open(folder.var)
    program = valkey_find(store)
    if program is None:
        say("  No Valkey or Redis runs on this machine: Celery rings over files instead.")
        return ""
    password = secrets.token_urlsafe(24)
    port = server_start(
        supervisor=supervisor,
        command=lambda port: valkey_command(
            program=program, store=store, log=folder.log("valkey"), port=port, password=password
        ),
        answers=lambda port: valkey_answers(valkey_url(port=port, password=password)),
        seconds=30,
    )
    say(f"  Valkey on port {port}")
    return valkey_url(port=port, password=password)


def server_start(
    *,
    supervisor: Supervisor,
    command: Callable[[int], Command],
    answers: Callable[[int], Callable[[], bool]],
    seconds: float,
) -> int:
    """Start a server on a free port and return the port once it answers.

    Between our asking for a free port and the server's taking it somebody else may: it then ends, and the next port
    is tried.
    """
    for left in reversed(range(PORT_TRIES)):
        port = free_port()
        child = supervisor.start(command(port))
        try:
            supervisor.wait_until(answers(port), what=child.command.name, seconds=seconds)
        except ChildDied:
            if left == 0 or child.exit_code is None:
                raise
            supervisor.discard(child)
        else:
            return port
    raise AssertionError("the last try returns or raises")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
