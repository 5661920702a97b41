"""Mistakes are planted in a copy of the tree, and some test must notice each: a test that cannot fail proves nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings

from tests.mutants.write_path import MUTANTS, Mutant

pytestmark = pytest.mark.prove

ROOT = Path(settings.BASE_DIR)
COPIED = ("accounts", "crm", "handoff", "insights", "kernel", "leadscore", "scoring", "templates", "tests", "locale")
# What pytest ends with when a test failed; everything else means that the mutant never ran.
PASSED, FAILED = 0, 1


def database_url(name: str) -> str:
    """The address of another database on the server of the tests."""
    known = settings.DATABASES["default"]
    user = known["USER"] + (f":{known['PASSWORD']}" if known["PASSWORD"] else "")
    host = known["HOST"] or "127.0.0.1"
    return urlunsplit(("postgres", f"{user}@{host}:{known['PORT'] or 5432}", f"/{name}", "", ""))


@pytest.fixture(scope="module")
def databases() -> Iterator[list[str]]:
    """Names of databases to drop in the end; Django puts `test_` before them."""
    made: list[str] = []
    yield made
    where = urlsplit(database_url("postgres"))
    connection = psycopg2.connect(
        dbname="postgres", user=where.username, password=where.password, host=where.hostname, port=where.port
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in made:
            cursor.execute(f'DROP DATABASE IF EXISTS "test_{name}"')
    connection.close()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the tests need."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "manage.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "static").mkdir(exist_ok=True)
    return tmp_path


def plant(mutant: Mutant, tree: Path) -> None:
    for change in mutant.changes:
        path = tree / change.file
        text = path.read_text()
        assert text.count(change.before) == 1, f"{change.file} has no one place that reads {change.before!r}."
        path.write_text(text.replace(change.before, change.after))


def run(tests: list[str], tree: Path, database: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--reuse-db", "-p", "no:cacheprovider", "-x", *tests]
    environment = {**os.environ, "DATABASE_URL": database_url(database), "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_without_a_mutant_all_the_tests_they_name_pass(tree: Path, databases: list[str]) -> None:
    databases.append(f"mutants_{os.getpid()}")
    ended = run(sorted({mutant.test for mutant in MUTANTS}), tree, databases[0])
    assert ended.returncode == PASSED, ended.stdout


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_a_planted_mistake_is_noticed(mutant: Mutant, tree: Path, databases: list[str]) -> None:
    plant(mutant, tree)
    name = f"mutants_{os.getpid()}" + ("_altered" if mutant.alters_tables else "")
    databases.append(name)
    ended = run([mutant.test], tree, name)
    assert ended.returncode == FAILED, f"Nobody noticed that {mutant.name}:\n{ended.stdout}\n{ended.stderr}"
