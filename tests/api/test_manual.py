"""docs/administrator.md and docs/operations.md: their commands exist and do what is shown, their figures are true."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.test import Client

from scoring.models import MatrixVersion, ScoringModel
from tests.scoring.world import World

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["administrator.md", "operations.md", "import.md", "api.md", "performance.md"]
COMMAND = re.compile(r"(?:python )?manage\.py (\w+)([^`\n]*)")


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_a_page_names_exists(page: str) -> None:
    assert {match[1] for match in COMMAND.finditer(read(page))} <= set(get_commands())


@pytest.mark.parametrize("page", PAGES)
def test_every_page_a_page_links_to_exists(page: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", read(page)):
        assert link.startswith("http") or (DOCS / link).exists(), link


def test_the_way_of_a_matrix_through_files_works_as_shown(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ScoringModel.objects.update(slug="default")
    monkeypatch.chdir(tmp_path)
    lines = [match[0] for match in COMMAND.finditer(read("administrator.md")) if match[1] == "matrix"]
    commands = [line for line in lines if "|" not in line]
    assert len(commands) == 4
    for line in commands:
        call_command(*shlex.split(line.split("manage.py ")[1]))
    assert MatrixVersion.objects.get(state="draft").note == "Partners count less"


def test_the_check_of_scores_runs_as_shown(world: World) -> None:
    commands = [match[0] for match in COMMAND.finditer(read("operations.md")) if match[1] == "check_scores"]
    assert commands
    for line in commands:
        call_command(*shlex.split(line.split("manage.py ")[1]))


@pytest.mark.django_db
def test_readiness_answers_as_shown(client: Client) -> None:
    shown = re.search(r"```json\n(.*?)\n```", read("operations.md"), re.DOTALL)
    assert shown is not None
    assert client.get("/health/ready").json() == json.loads(shown[1])


def test_what_beat_clears_is_named(settings: Any) -> None:
    daily = [name for name, entry in settings.CELERY_BEAT_SCHEDULE.items() if entry["schedule"] == 86_400.0]
    assert sorted(daily) == ["forget answers", "forget imports", "forget visitors"]
    assert read("operations.md").count("by beat or the sweeper") == len(daily) + 1


def test_the_rate_that_is_named_is_the_default() -> None:
    assert f"{settings.API_CALLS_PER_MINUTE:,} calls a minute" in read("api.md")
