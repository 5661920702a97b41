"""The drawing of a card: bars follow one another and end at the total."""

from datetime import date
from itertools import pairwise

import pytest

from scoring.engine import evaluate, parse_facts, plain
from scoring.engine.compiled import compile_matrix
from scoring.engine.parse import parse_matrix
from scoring.presets import PRESETS, preset_document
from scoring.waterfall import WIDTH, Line, waterfall
from tests.scoring.world import MATRIX

AS_OF = date(2026, 3, 3)


def drawn(document, facts):
    card = evaluate(compile_matrix(parse_matrix(document)), parse_facts(facts), AS_OF)
    written = plain(card.to_json())
    return written, waterfall(written, document)


def visits(number, day="2026-03-03"):
    return [
        {"id": f"web:{n}", "kind": "page_view", "occurred_at": f"{day}T10:00:{n:02}Z", "url": "/pricing"}
        for n in range(number)
    ]


def facts(activities=(), **lead):
    return {"lead": lead, "company": None, "activities": list(activities)}


def lines(drawing) -> list[Line]:
    return [line for section in drawing.sections for line in (*section.lines, *section.asks, *section.others)]


@pytest.mark.parametrize("preset", [preset.slug for preset in PRESETS])
def test_every_example_of_every_preset_adds_up_to_its_total(preset):
    document = preset_document(preset)
    for example in document["examples"]:
        card = evaluate(
            compile_matrix(parse_matrix(document)),
            parse_facts(example["facts"]),
            date.fromisoformat(str(example["as_of"])),
        )
        written = plain(card.to_json())
        drawing = waterfall(written, document)
        assert sum(line.contribution for line in lines(drawing)) == drawing.total == written["total"]
        assert sum(section.contribution for section in drawing.sections) == written["total"]


def test_each_bar_begins_where_the_one_before_it_ended():
    _card, drawing = drawn(MATRIX, facts(visits(2), seniority="vp", country="DE"))
    bars = [line for section in drawing.sections for line in section.lines if line.contribution]
    assert len(bars) == 3
    for before, after in pairwise(bars):
        assert abs(before.left + before.width - after.left) <= 3


def test_all_bars_lie_on_the_ruler_also_where_the_sum_falls_below_zero():
    document = {**MATRIX, "dimensions": {"fit": {"weight": 150}}}
    _card, drawing = drawn(document, {**facts(visits(5), seniority="vp"), "company": {"domain": "rival.example"}})
    assert drawing.total < 0 < drawing.zero
    for line in lines(drawing):
        assert 0 <= line.left <= line.left + line.width <= WIDTH


def test_a_limit_and_a_weight_are_bars_of_their_own():
    document = {**MATRIX, "dimensions": {"behavior": {"weight": 50}}}
    _card, drawing = drawn(document, facts(visits(4)))
    kinds = {line.kind: line.contribution for line in lines(drawing) if line.kind != "criterion"}
    assert kinds == {"group": -5, "weight": -17}


def test_what_is_unknown_and_could_lift_is_asked():
    _card, drawing = drawn(MATRIX, facts(country="PL"))
    (fit,) = (section for section in drawing.sections if section.dimension == "fit")
    assert [line.key for line in fit.asks] == ["exec-title", "software"]
    assert fit.asks[0].unknown_fields == ["lead.seniority"]


def test_what_would_only_count_against_a_lead_is_not_asked():
    _card, drawing = drawn(MATRIX, facts())
    (fit,) = (section for section in drawing.sections if section.dimension == "fit")
    assert "competitor" not in [line.key for line in fit.asks]
    assert "competitor" in [line.key for line in fit.others]


def test_the_next_threshold_above_the_total_is_in_sight():
    _card, drawing = drawn(MATRIX, facts(country="DE"))
    assert (drawing.hand_off.key, drawing.hand_off.at) == ("mql", 40)
    assert next(one for one in drawing.thresholds if one.key == "warm").left == WIDTH
