"""The product as processes of its own: a database for itself, web, worker and sweeper, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class House:
    """Its programs run in sessions of their own and log to `folder`; `close` ends every one of them."""

    database_url: str
    redis_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "COLUMNS_DIR": str(self.folder / "columns"),
            "SECRET_KEY": "a key for a proof, long enough to be one, and used nowhere else",
            "TOMBSTONE_KEY": "another key for a proof",
            "API_CALLS_PER_MINUTE": "1000000",
            # Second factors have proofs of their own.
            "MFA_REQUIRED": "false",
            "STATIC_FROM_SOURCES": "true",
            "LOG_LEVEL": "WARNING",
        }

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def start(self, name: str) -> None:
        command = {
            "web": [
                "gunicorn",
                "leadscore.wsgi",
                "--bind",
                f"127.0.0.1:{self.port}",
                "--workers",
                "2",
                "--threads",
                "2",
            ],
            "worker": [
                "celery",
                "-A",
                "leadscore",
                "worker",
                "--concurrency",
                "1",
                "--without-gossip",
                "--without-mingle",
            ],
        }.get(name)
        arguments = [sys.executable, "-m", *command] if command else [sys.executable, "manage.py", "sweep"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                arguments, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """As a machine that loses power: the whole session at once, without a word."""
        program = self.programs.pop(name)
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def wait_for_web(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError(f"The web process did not answer; its log is {self.folder / 'web.log'}.")

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def execute(self, statement: str) -> None:
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def wait_until_none(self, statement: str, seconds: float) -> None:
        """Until a `SELECT count(*)` answers 0."""
        end = time.monotonic() + seconds
        while (waiting := self.rows(statement)[0][0]) and time.monotonic() < end:
            time.sleep(0.5)
        assert not waiting, f"After {seconds} s {waiting} still wait: {statement}"

    def close(self) -> None:
        for name in list(self.programs):
            self.kill(name)


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """A migrated database of its own on the tests' server, dropped at the end."""
    given, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not given or not redis_url:
        pytest.skip("This proof needs DATABASE_URL and REDIS_URL; `make prove` sets both.")
    name = f"proof_{uuid.uuid4().hex[:12]}"
    _administer(given, f"CREATE DATABASE {name}")
    made = House(database_url=urlunsplit(urlsplit(given)._replace(path=f"/{name}")), redis_url=redis_url, folder=folder)
    try:
        made.manage("migrate", "--verbosity", "0")
        yield made
    finally:
        made.close()
        _administer(given, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _administer(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
