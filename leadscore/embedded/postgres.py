"""A PostgreSQL of our own: made once, started on a port of its own with a password, ended in order."""

import os
import pwd
import secrets
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from leadscore.embedded.binaries import PostgresPrograms
from leadscore.embedded.processes import Command
from leadscore.embedded.roster import process_command, process_end, process_started
from leadscore.embedded.sizing import SMALL, sized_settings
from leadscore.embedded.store import Store
from leadscore.embedded.supervisor import Supervisor

ROLE = DATABASE = "leadscore"
PASSWORD_FILE = "leadscore.password"  # noqa: S105 - the name of a file
SMALL_SHARED_MEMORY = 128 * 1024 * 1024
UNDURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One data folder and the programs for it. Not ``durable``: a crash of the machine may cost it its data."""

    programs: PostgresPrograms
    store: Store
    log: Path
    durable: bool

    @property
    def data(self) -> Path:
        return self.store.home / "postgres" / f"data-{self.programs.major}"

    @property
    def password(self) -> str:
        return (self.data / PASSWORD_FILE).read_text()

    def url(self, port: int) -> str:
        return f"postgres://{ROLE}:{quote(self.password)}@127.0.0.1:{port}/{DATABASE}?sslmode=disable"

    def others(self) -> list[Path]:
        """Return data folders that other major versions have left: theirs is not shown by this one."""
        return sorted(path for path in self.data.parent.glob("data-*") if path != self.data and path.suffix != ".new")


def cluster_prepare(cluster: Cluster, *, supervisor: Supervisor) -> None:
    """Make the data folder where there is none; end a server that still runs on it; clear what a dead one left.

    The folder is made under another name and renamed when it is whole, its password inside it. The caller
    holds the lock, so no other launcher works on it.
    """
    folder = cluster.store.folder("postgres")
    if not cluster.data.exists():
        new = cluster.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        password = folder / PASSWORD_FILE
        password.unlink(missing_ok=True)
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
        cluster.store.own(password)
        supervisor.finish(initdb_command(cluster, target=new, password=password))
        password.rename(new / PASSWORD_FILE)
        new.rename(cluster.data)
    leftover_end(cluster.data)


def initdb_command(cluster: Cluster, *, target: Path, password: Path) -> Command:
    # Before version 17 the system's C library has to know the locale.
    locale = (
        ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        if cluster.programs.major >= 17
        else ("--locale=C.UTF-8",)
    )
    argv = (
        str(cluster.programs.initdb),
        f"--pgdata={target}",
        f"--username={ROLE}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-sync",
        *locale,
    )
    return Command(
        name="initdb",
        argv=(*name_for_nameless(), *argv),
        environment=clean_environment(),
        folder=Path("/"),
        log=cluster.log.with_name("initdb.log"),
        account=cluster.store.account,
    )


def name_for_nameless() -> tuple[str, ...]:
    """Return what makes ``initdb`` run for a user id without a name, as containers like to give: it asks for one.

    Only ``initdb`` does; inside this namespace it believes to be ``nobody``, outside its files are ours.
    """
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return ("unshare", "--map-user=65534", "--map-group=65534")
    return ()


def leftover_end(data: Path) -> None:
    """End a server that the roster has lost, then remove its pid file.

    ``pg_ctl stop`` would believe the file: after a crash its number may belong to another program by now, so the command
    line of that process is asked first.
    """
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        file.unlink(missing_ok=True)
        return
    words = process_command(pid)
    started = process_started(pid)
    if started is not None and "postgres" in words and str(data) in words:
        process_end(pid=pid, started=started, stop_signal=signal.SIGINT, patience=30)
    file.unlink(missing_ok=True)


def postgres_command(cluster: Cluster, *, port: int) -> Command:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        # A socket path ends at 103 bytes, which a deep folder passes; TCP has no such limit.
        "unix_socket_directories": "",
        "max_connections": "100",
        # Nobody copies these servers: what a new table is filled with goes to the disk once and not through the log as well.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(sized_settings(cluster.data) if cluster.durable else {**SMALL, **UNDURABLE}),
        **({"dynamic_shared_memory_type": "mmap"} if shared_memory_is_small() else {}),
    }
    return Command(
        name="PostgreSQL",
        argv=(
            str(cluster.programs.postgres),
            "-D",
            str(cluster.data),
            *(f"--{name}={value}" for name, value in settings.items()),
        ),
        environment=clean_environment(),
        folder=Path("/"),
        log=cluster.log,
        account=cluster.store.account,
        # INT is "fast": it ends sessions and shuts down in order. TERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
        patience=30,
        stage=0,
    )


def postgres_answers(cluster: Cluster, *, port: int) -> Callable[[], bool]:
    """Return the probe that is true once the server lets us in; it then makes sure our database exists."""

    def answers() -> bool:
        try:
            connection = psycopg2.connect(
                host="127.0.0.1",
                port=port,
                user=ROLE,
                password=cluster.password,
                dbname="postgres",
                sslmode="disable",
                connect_timeout=5,
            )
        except psycopg2.OperationalError:
            return False
        with closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        return True

    return answers


def clean_environment() -> dict[str, str]:
    """Return an environment without any of the person's PG*, LC_* and LD_* variables."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C", "TZ": "UTC"}


def shared_memory_is_small() -> bool:
    """Tell whether /dev/shm is too small for parallel queries, as it is in many containers (64 MB)."""
    try:
        found = os.statvfs(Path("/dev", "shm"))
    except OSError:
        return True
    return found.f_bsize * found.f_blocks < SMALL_SHARED_MEMORY
