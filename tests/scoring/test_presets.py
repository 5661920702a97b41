"""Every preset can be published as it is, ends where its examples say, and gives each criterion a reason."""

from datetime import date
from pathlib import Path

import pytest

from scoring.engine import compile_matrix, evaluate, parse_facts, parse_matrix
from scoring.engine.lint import lint
from scoring.presets import FOLDER, PRESETS, preset_document

ROOT = Path(__file__).resolve().parents[2]
SLUGS = [preset.slug for preset in PRESETS]


def test_every_document_beside_the_list_is_in_the_list() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_preset_has_no_errors_of_lint(slug: str) -> None:
    findings = lint(parse_matrix(preset_document(slug)))
    assert [finding for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "account_engagement"])
def test_a_preset_of_our_own_has_no_warnings_either(slug: str) -> None:
    findings = lint(parse_matrix(preset_document(slug)))
    assert [finding for finding in findings if finding.severity == "warning"] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_examples_of_a_preset_end_in_their_stage(slug: str) -> None:
    document = preset_document(slug)
    compiled = compile_matrix(parse_matrix(document))
    assert document["examples"]
    for example in document["examples"]:
        card = evaluate(compiled, parse_facts(example["facts"]), date.fromisoformat(example["as_of"])).to_json()
        assert (example["name"], card["stage"]) == (example["name"], example["stage"])


@pytest.mark.parametrize("slug", SLUGS)
def test_every_criterion_of_a_preset_has_its_reason(slug: str) -> None:
    page = (ROOT / "docs" / "presets" / f"{slug}.md").read_text(encoding="utf-8")
    keys = {criterion["key"] for criterion in preset_document(slug)["criteria"]}
    told = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert told == keys


def test_one_preset_hands_off_at_the_sql_stage() -> None:
    assert any(preset_document(slug).get("hand_off_at") == "sql" for slug in SLUGS)
