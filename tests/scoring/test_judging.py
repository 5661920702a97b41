"""One judgement on demand, and the command that makes one a line."""

import io
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scoring.judging import compiled_document, judge, judge_text

ROOT = Path(__file__).parents[2]
MATRIX: dict[str, Any] = {
    "schema": 1,
    "name": "Judging",
    "timezone": "Pacific/Kiritimati",
    "grades": {"A": 10},
    "levels": {},
    "stages": [{"key": "mql", "at": 10}, {"key": "sql", "at": 80}],
    "criteria": [
        {"key": "c", "dimension": "fit", "points": 10, "if": {"field": "lead.attributes.n", "op": "gt", "value": 1.5}}
    ],
}
FACTS = {"lead": {"attributes": {"n": 2}}}


def places(answer: dict[str, Any]) -> dict[str, str]:
    return {each["path"]: each["code"] for each in answer["errors"]}


def test_a_payload_is_answered_with_its_card() -> None:
    card = judge({"matrix": MATRIX, "facts": FACTS, "as_of": "2026-03-03"})
    assert (card["total"], card["stage"], card["as_of"], card["model"]) == (10, "mql", "2026-03-03", None)
    assert card == judge_text(json.dumps({"matrix": MATRIX, "facts": FACTS, "as_of": "2026-03-03"}))


def test_a_day_left_out_is_today_in_the_matrixs_zone() -> None:
    asked: list[str] = []

    def today(zone: ZoneInfo) -> date:
        asked.append(zone.key)
        return date(2026, 3, 4)

    assert judge({"matrix": MATRIX, "facts": FACTS}, today=today)["as_of"] == "2026-03-04"
    assert asked == ["Pacific/Kiritimati"]
    assert "as_of" in judge({"matrix": MATRIX, "facts": FACTS})


def test_every_problem_of_a_payload_comes_back_at_once() -> None:
    payload = {"matrix": MATRIX | {"name": 5}, "facts": {"lead": 5}, "as_of": "today", "version": 3}
    assert places(judge(payload)) == {
        "/version": "unknown_key",
        "/as_of": "not_a_day",
        "/matrix/name": "not_a_text",
        "/facts/lead": "not_an_object",
    }
    assert places(judge({})) == {"/matrix": "required", "/facts": "required"}
    assert places(judge([])) == {"": "not_an_object"}
    assert places(judge({"matrix": None, "facts": None, "as_of": None})) == {
        "/matrix": "null",
        "/facts": "null",
        "/as_of": "null",
    }


def test_a_doubled_key_does_not_hide_what_else_is_wrong() -> None:
    text = json.dumps({"matrix": MATRIX | {"name": 5}, "facts": FACTS})[:-1] + ', "as_of": "2026-03-03", "as_of": "x"}'
    assert places(judge_text(text)) == {"/as_of": "duplicate_key", "/matrix/name": "not_a_text"}


def test_equal_documents_are_compiled_once() -> None:
    assert compiled_document(MATRIX) is compiled_document(json.loads(json.dumps(MATRIX)))
    assert compiled_document(MATRIX) is not compiled_document(MATRIX | {"name": "Another"})


def answers(lines: bytes, tmp_path: Path, *, over_standard_input: bool = False) -> list[dict[str, Any]]:
    """What the command writes, in a process that can reach neither a database nor a broker."""
    file = tmp_path / "cases.jsonl"
    file.write_bytes(lines)
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate", "-" if over_standard_input else str(file)],
        cwd=ROOT,
        env=environment,
        input=lines if over_standard_input else b"",
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in io.StringIO(done.stdout.decode("utf-8"))]


@pytest.mark.parametrize("over_standard_input", [False, True])
def test_the_command_answers_every_line_with_a_line(tmp_path: Path, over_standard_input: bool) -> None:
    good = json.dumps(
        {"matrix": MATRIX, "facts": {"lead": {"city": "Zürich\u2028"}}, "as_of": "2026-03-03"}, ensure_ascii=False
    )
    lines = [good.encode(), b"", b"{", b"\xff", b"[" * 5000, b'{"a": 1, "a": 2}', good.encode()]
    found = answers(b"\n".join(lines), tmp_path, over_standard_input=over_standard_input)
    assert [next(iter(each)) for each in found] == ["model", *["errors"] * 5, "model"]
    assert places(found[5]) == {"/a": "duplicate_key", "/matrix": "required", "/facts": "required"}
    assert found[0] == found[6]


def test_the_command_says_which_file_it_cannot_read(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate", str(tmp_path / "none.jsonl")],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"none.jsonl" in done.stderr
