"""What PostgreSQL is given of the machine: by its memory where it keeps its data, little in tests."""

import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest

from leadscore.embedded.services import Folder, database_start
from leadscore.embedded.sizing import GB, MB, memory_bytes, sized_settings
from leadscore.embedded.supervisor import Supervisor
from tests.embedded.launcher import launched


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "effective_cache_size"),
    [(512 * MB, "128MB", "256MB"), (8 * GB, "1024MB", "4096MB"), (24 * GB, "3072MB", "12288MB"),
     (256 * GB, "8192MB", "131072MB")],
)  # fmt: skip
def test_an_eighth_of_the_memory_is_shared_between_a_floor_and_a_cap(
    memory: int, shared_buffers: str, effective_cache_size: str, tmp_path: Path
) -> None:
    settings = sized_settings(tmp_path, memory=memory)
    assert settings["shared_buffers"] == shared_buffers
    assert settings["effective_cache_size"] == effective_cache_size


def test_the_log_leaves_a_full_disk_its_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, most in ((2 * GB, "1024MB"), (16 * GB, "2048MB"), (500 * GB, "4096MB")):
        disk = SimpleNamespace(free=free)
        monkeypatch.setattr("leadscore.embedded.sizing.shutil.disk_usage", lambda _path, disk=disk: disk)
        assert sized_settings(tmp_path, memory=GB)["max_wal_size"] == most


def test_a_container_may_take_what_it_is_told(tmp_path: Path) -> None:
    everything = memory_bytes(limits=())
    assert everything > 0
    told, untold = tmp_path / "memory.max", tmp_path / "none"
    told.write_text("max\n")
    assert memory_bytes(limits=(told, untold)) == everything
    told.write_text(f"{64 * MB}\n")
    assert memory_bytes(limits=(told, untold)) == 64 * MB


@pytest.mark.parametrize("durable", [True, False])
def test_a_server_starts_with_them(var: Path, supervisor: Supervisor, durable: bool) -> None:
    url = database_start(folder=Folder(var=var), supervisor=supervisor, durable=durable)
    expected = sized_settings(var) if durable else {"shared_buffers": "128MB", "fsync": "off"}
    names = ("shared_buffers", "fsync", "full_page_writes", "synchronous_commit", "autovacuum")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        shown = {}
        for name in names:
            cursor.execute(f"SELECT setting, unit FROM pg_settings WHERE name = '{name}'")
            shown[name] = cursor.fetchone()[0]
    connection.close()
    assert f"{int(shown.pop('shared_buffers')) * 8 // 1024}MB" == expected["shared_buffers"]
    assert shown == {
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "autovacuum": "on",
    }


def test_what_is_kept_is_there_for_the_next_run_and_what_is_not_is_gone(var: Path) -> None:
    say = "import os, psycopg2; c = psycopg2.connect(os.environ['DATABASE_URL']); c.autocommit = True; k = c.cursor(); "
    make = [sys.executable, "-c", say + "k.execute('CREATE TABLE kept AS SELECT 42')"]
    look = [sys.executable, "-c", say + "k.execute(\"SELECT to_regclass('kept')\"); print('FOUND', k.fetchone()[0])"]
    for options, found in ((["--keep"], "kept"), ([], "None")):
        for argv in (make, look):
            with launched(["run", *options, "--", *argv], var=var) as run:
                said, _ = run.communicate(timeout=120)
            assert run.returncode == 0, said
        assert f"FOUND {found}" in said
