"""`manage.py preview`: the tables of a terminal, and all of it for programs."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scoring.engine import write_json
from tests.scoring.world import MATRIX, World, changed


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    call_command("preview", *arguments)
    return capsys.readouterr().out


@pytest.fixture
def draft(world: World, tmp_path: Path) -> str:
    """A lead that enters, one that leaves, one that stays; the address of a file with a draft that does so."""
    for name, values in {
        "Enters": {"country": "DE", "title": "Clerk"},
        "Leaves": {"title": "CEO", "email": "leaves@rival.example"},
        "Stays": {"title": "Clerk"},
    }.items():
        world.lead(first_name=name, **values)
    world.settle()
    path = tmp_path / "draft.json"
    path.write_text(write_json(changed(points={"germany": 45})), encoding="utf-8")
    return str(path)


def test_tables_say_who_moves(world: World, draft: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, world.model.slug, "--file", draft)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == f"{world.model.slug} on 2026-03-03: 3 leads, against version 1"
    assert "Marketing qualified 0 1 1 0" in lines
    assert "cold → mql 1" in lines
    assert "C4 → A4 1" in lines
    assert "germany 10 45 1 1" in lines
    assert [line.split(": ", 1)[1] for line in lines if " Enters: " in line] == ["10 C4 cold → 45 A4 mql"]


def test_everything_for_programs(world: World, draft: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, world.model.slug, "--file", draft, "--json", "--names", "0"))
    assert (found["state"], found["qualified"]["entering"]) == ("ready", {"count": 1, "leads": []})


def test_a_version_by_its_number_and_what_is_not_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.lead(country="DE")
    world.settle()
    version = world.draft(MATRIX)
    assert "Cold" in said(capsys, world.model.slug, "--version", str(version.number))
    for arguments, sentence in (
        (("no-model", "--version", "1"), "There is no model with the key no-model."),
        ((world.model.slug, "--version", "9"), f"{world.model.slug} has no version 9."),
        ((world.model.slug, "--file", "/nowhere.yaml"), "cannot be read"),
        ((world.model.slug, "--version", "1", "--names", "-1"), "List no lead or more."),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("preview", *arguments)


def test_a_bad_document_is_refused_with_every_problem(world: World, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(write_json({**MATRIX, "grades": {"E": 1}, "name": 3}), encoding="utf-8")
    with pytest.raises(CommandError, match=r"(?s)/grades/E.*/name|/name.*/grades/E"):
        call_command("preview", world.model.slug, "--file", str(path))
