"""Every setting that is read from the environment stands in .env.example, and nothing else does."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FLOORS = ("kernel", "accounts", "crm", "scoring", "handoff", "insights", "leadscore")
# Read by docker-compose.yml and the launcher; the launcher's other reads are of the person's own environment.
BESIDE = {"PORT", "POSTGRES_PASSWORD", "POSTGRES_SHARED_BUFFERS", "POSTGRES_EFFECTIVE_CACHE_SIZE"}
READERS = {"environ", "env", "getenv"}


def settings_read(source: str) -> Iterator[str]:
    """Yield the names that a module reads: ``env.str("X")``, ``env("X")``, ``os.environ["X"]``, ``os.getenv("X")``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and is_reader(node.func) and node.args:
            argument = node.args[0]
        elif isinstance(node, ast.Subscript) and is_reader(node.value):
            argument = node.slice
        else:
            continue
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def is_reader(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in READERS or is_reader(node.value)
    return isinstance(node, ast.Name) and node.id in READERS


def product_settings() -> set[str]:
    files = (
        path
        for floor in FLOORS
        for path in (PROJECT / floor).rglob("*.py")
        if "embedded" not in path.relative_to(PROJECT).parts
    )
    return {name for path in files for name in settings_read(path.read_text())} - {"DJANGO_SETTINGS_MODULE"}


def example_settings() -> set[str]:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return {found.group(1) for line in lines if (found := re.match(r"#?([A-Z][A-Z0-9_]*)=", line))}


def test_the_example_lists_exactly_what_is_read() -> None:
    assert example_settings() == product_settings() | BESIDE


def test_every_setting_of_the_example_is_explained() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#?[A-Z][A-Z0-9_]*=", line):
            assert before.startswith("# "), f"no line of explanation above {line}"


@pytest.mark.parametrize(
    "source",
    [
        'env("NAME")',
        'env.bool("NAME", default=False)',
        'os.environ["NAME"]',
        'os.environ.get("NAME")',
        'os.getenv("NAME")',
        'self.env.str("NAME")',
    ],
)
def test_every_way_of_reading_a_setting_is_seen(source: str) -> None:
    assert list(settings_read(source)) == ["NAME"]
