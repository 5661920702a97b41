"""The rules of the house that no linter knows."""

import ast
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections
from django.db.models import ForeignKey, ManyToManyField

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("kernel", "accounts", "crm", "scoring", "handoff", "insights", "leadscore")
KERNEL_LINES = 400
WORDS_THAT_SAY_NOTHING = {"utils", "helpers", "common", "manager", "managers", "handler", "handlers", "data", "misc"}


def sources(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def test_relations_between_floors_point_down_and_leave_no_accessor_behind() -> None:
    wrong = []
    for model in apps.get_models():
        here = model._meta.app_label
        if here not in FLOORS:
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey | ManyToManyField):
                continue
            there = field.related_model._meta.app_label
            if there == here or there not in FLOORS:
                continue
            if FLOORS.index(there) > FLOORS.index(here) or not field.remote_field.hidden:
                wrong.append(f"{here}.{model.__name__}.{field.name}")
    assert wrong == []


def test_the_engine_imports_the_standard_library_only() -> None:
    wrong = []
    for path in sources("scoring/engine"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            wrong += [
                f"{path.name}: {name}"
                for name in names
                if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("scoring.engine")
            ]
    assert wrong == []


def test_the_engine_asks_no_clock_and_touches_no_file() -> None:
    forbidden = {"now", "today", "utcnow", "time", "monotonic", "open", "print", "input"}
    wrong = []
    for path in sources("scoring/engine"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if name in forbidden:
                    wrong.append(f"{path.name}:{node.lineno} {name}")
    assert wrong == []


def test_the_kernel_stays_small_and_has_no_tables() -> None:
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in sources("kernel"))
    assert lines <= KERNEL_LINES
    assert list(apps.get_app_config("kernel").get_models()) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {path.stem for floor in FLOORS for path in sources(floor)} | {
        folder.name for floor in FLOORS for folder in (ROOT / floor).rglob("*") if folder.is_dir()
    }
    assert named & WORDS_THAT_SAY_NOTHING == set()


def test_services_never_import_tasks() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for floor in FLOORS
        for path in sources(floor)
        if "services" in path.parts and ".tasks" in path.read_text(encoding="utf-8")
    ]
    assert wrong == []


@pytest.mark.parametrize("floor", FLOORS)
def test_every_floor_says_what_it_owns_in_a_page_of_at_most_a_hundred_lines(floor: str) -> None:
    page = (ROOT / floor / "README.md").read_text(encoding="utf-8")
    assert 5 < len(page.splitlines()) <= 100


@pytest.mark.django_db
def test_the_driver_is_psycopg2() -> None:
    connection = connections["default"]
    connection.ensure_connection()
    assert type(connection.connection).__module__.startswith("psycopg2")


@pytest.mark.django_db
def test_the_required_packages_stand_among_the_pins() -> None:
    pins = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line}
    assert pins >= {"django", "djangorestframework", "celery", "redis", "psycopg2-binary", "pytest-django"}
