"""The bench runs end to end on a tiny population, so that it cannot rot. What it measures is not looked at, only what it says."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import connection

from bench.bars import BARS
from bench.figures import Figure
from bench.matrices import conditions_changed, document, points_moved
from bench.report import SECTIONS, exponent
from crm.kinds import known_kind_keys
from scoring.bulk.fingerprint import criterion_fingerprint
from scoring.engine import parse_matrix

PROJECT = Path(__file__).resolve().parents[2]
# Each step is a program of its own. What needs the environment of the peers is left to `make bench`.
FEW = "scan,runs,judging,preview,check"
ALL = f"{FEW},events,seen,lists,engine,imports"
MEASURED = ("Judging a whole population", "What if", "Memory")
EVERYTHING = (*MEASURED, "Events", "Lists", "The engine and files")
FOLDER = PROJECT / "var" / "bench" / "tiny"


def database_url(name: str) -> str:
    found = connection.settings_dict
    at = f"{found['USER']}:{found['PASSWORD']}@{found['HOST'] or '127.0.0.1'}:{found['PORT'] or 5432}"
    return urlunsplit(urlsplit(f"postgres://{at}")._replace(path=f"/{name}"))


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [FEW, pytest.param(ALL, marks=pytest.mark.prove)])
def test_a_tiny_bench_measures_everything_and_finds_no_mismatch(steps: str) -> None:
    name = f"{connection.settings_dict['NAME']}_tiny"
    environment = {**os.environ, "DATABASE_URL": database_url(name), "SCALE": "tiny", "STEPS": steps}
    argv = [sys.executable, "-m", "bench"]
    shutil.rmtree(FOLDER / "results", ignore_errors=True)
    try:
        done = subprocess.run(
            argv, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
    finally:
        databases_drop(name)
    assert done.returncode == 0, done.stderr[-4_000:]
    figures = json.loads((FOLDER / "figures.json").read_text())["figures"]
    wanted = {key for title, keys in SECTIONS for key in keys if title in (MEASURED if steps == FEW else EVERYTHING)}
    assert wanted - {"memory-web"} <= set(figures)
    assert Figure(**figures["mismatches"]).median == 0
    assert "100.0 %" in figures["publish-first"]["note"]
    assert "300 leads (all)" in figures["mismatches"]["note"]


def databases_drop(name: str) -> None:
    with closing(psycopg2.connect(database_url("postgres"))) as own:
        own.autocommit = True
        with own.cursor() as cursor:
            for each in ("tiny", "empty", "scratch"):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}_bench_{each}"')


def test_every_bar_stands_beside_a_figure_of_the_table() -> None:
    assert set(BARS) <= {key for _title, keys in SECTIONS for key in keys}


def test_an_edit_of_points_leaves_every_measurement_and_one_of_conditions_none() -> None:
    kinds = known_kind_keys()
    before, points, conditions = (parse_matrix(made) for made in (document(), points_moved(0), conditions_changed(0)))
    known = [criterion_fingerprint(each, before.timezone, kinds) for each in before.criteria]
    assert len(known) == 30
    assert known == [criterion_fingerprint(each, points.timezone, kinds) for each in points.criteria]
    assert [each.points for each in before.criteria] != [each.points for each in points.criteria]
    others = {criterion_fingerprint(each, conditions.timezone, kinds) for each in conditions.criteria}
    assert others.isdisjoint(known)


def test_the_exponent_is_the_power_by_which_cost_grows() -> None:
    assert exponent([10, 100, 1_000], [3, 30, 300]) == pytest.approx(1)
    assert exponent([10, 100], [1, 100]) == pytest.approx(2)
