"""The worked example in the marketer's page is what the engine says."""

import re
from datetime import date
from pathlib import Path

from scoring.engine import compile_matrix, evaluate, parse_facts, parse_matrix
from scoring.yaml_text import yaml_read

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "marketer.md").read_text(encoding="utf-8")


def test_the_small_matrix_gives_the_card_that_the_page_tells() -> None:
    [document] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    visits = ["2026-03-03T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T15:00:00Z", "2026-02-01T09:00:00Z"]
    facts = {
        "lead": {"seniority": "vp"},
        "company": None,
        "activities": [
            {"id": f"web:{number}", "kind": "page_view", "occurred_at": at, "url": "/pricing"}
            for number, at in enumerate(visits)
        ],
    }
    card = evaluate(compile_matrix(parse_matrix(yaml_read(document))), parse_facts(facts), date(2026, 3, 3)).to_json()
    assert (card["total"], card["grade"], card["rating"], card["stage"]) == (32, "A", "A3", "mql")
    assert [line["contribution"] for line in card["ledger"] if line["contribution"]] == [20, 13, -1]
    pricing = next(line for line in card["ledger"] if line.get("criterion") == "pricing")
    assert [each["share"] for each in pricing["evidence"]["activities"]] == [1_000_000, 977_160, 500_000]
    for figure in ("**32**", "**A3**", "0.977160", "12.91"):
        assert figure in PAGE
