"""docs/import.md: the files it shows, through the commands it shows, print what it shows."""

import re
import shlex
from dataclasses import fields
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from crm.ingestion.mapping import ACTIVITY_TARGETS, LEAD_TARGETS, PLACEHOLDERS
from crm.ingestion.mapping_language import ACTIVITY_KEYS, COLUMN_KEYS, KEYS, OUTCOME_KEYS
from crm.ingestion.pipeline import SHIPPED
from crm.ingestion.rules import ReadingRules
from crm.models import Activity, Lead

TEXT = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
# Rules that the page lets correct, or that the mapping says (`header`).
RECOGNISED = {"format", "escape", "is_wrapped", "has_header"}
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.django_db
def test_the_commands_print_and_write_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = {name: text for _language, name, text in BLOCKS if name.endswith(".rejected.csv")}
    for _language, name, text in BLOCKS:
        if name and name not in shown:
            Path(name).write_text(text, encoding="utf-8")
    said = ""
    for language, _name, text in BLOCKS:
        if language == "sh":
            python, manage, *arguments = shlex.split(text)
            assert (python, manage) == ("python", "manage.py")
            out = StringIO()
            call_command(*arguments, stdout=out)
            said = out.getvalue()
        elif language == "text":
            assert said == text
    for name, text in shown.items():
        assert Path(name).read_text(encoding="utf-8").replace("\r\n", "\n") == text
    assert (Lead.objects.count(), Activity.objects.count()) == (3, 5)
    won = Activity.objects.get(kind="deal_won")
    assert (won.value, won.properties, won.occurred_at.isoformat()) == (
        12_500,
        {"origin": "marketing"},
        "2026-05-21T10:00:00+00:00",
    )
    ada = Lead.objects.get(email="ada@mill.example")
    assert (ada.first_name, ada.country, ada.source, ada.attributes) == (
        "Ada",
        "DE",
        "Trade fair",
        {"newsletter": True},
    )
    eda = Lead.objects.get(email="eda@loom.example")
    assert (eda.title, eda.company and eda.company.employees) == ("", None)


@pytest.mark.parametrize(
    ("after", "fields"),
    [("Fields of leads:", LEAD_TARGETS), ("Fields of activities:", ACTIVITY_TARGETS)],
)
def test_every_field_to_fill_is_named(after: str, fields: frozenset[str]) -> None:
    part = TEXT[TEXT.index(after) :].split("and any name")[0]
    assert set(re.findall(r"`([\w.]+)`", part)) == fields


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("| `schema` |", KEYS),
        ("| `to` |", COLUMN_KEYS),
        ("| `kind` |", ACTIVITY_KEYS),
        ("| `state` |", OUTCOME_KEYS),
        ("| `--encoding` |", {field.name for field in fields(ReadingRules)} - RECOGNISED),
    ],
)
def test_every_key_of_the_language_is_named(heading: str, keys: set[str]) -> None:
    table = heading + TEXT.split(heading)[1].split("\n\n")[0]
    cells = " ".join(
        " ".join(line.split("|")[1:3]) if line.startswith("| `--") else line.split("|")[1]
        for line in table.splitlines()
    )
    assert set(re.findall(r"`([a-z_]+)`", cells)) - {"tab"} == keys


def test_every_placeholder_and_every_shipped_mapping_is_named() -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| `placeholders`"))
    assert {text.casefold() for text in re.findall(r"`([^`]+)`", row)} - {"placeholders"} == PLACEHOLDERS
    for path in SHIPPED.glob("*.yaml"):
        assert f"| `{path.stem}` |" in TEXT
