"""docs/import.md: the files it shows, through the commands it shows, print what it shows."""

import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from crm.ingestion.mapping import ACTIVITY_TARGETS, LEAD_TARGETS, PLACEHOLDERS
from crm.ingestion.pipeline import SHIPPED
from crm.models import Activity, Lead

TEXT = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
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
    assert (Lead.objects.count(), Activity.objects.count()) == (3, 2)
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


def test_every_placeholder_and_every_shipped_mapping_is_named() -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| `placeholders`"))
    assert {text.casefold() for text in re.findall(r"`([^`]+)`", row)} - {"placeholders"} == PLACEHOLDERS
    for path in SHIPPED.glob("*.yaml"):
        assert f"| `{path.stem}` |" in TEXT
