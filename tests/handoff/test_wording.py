"""Codes as sentences, and the small line of a total."""

from datetime import date, timedelta

import pytest

from handoff import wording
from handoff.lifecycle import Move, State
from handoff.routing import Because
from handoff.trend import DAYS, HEIGHT, WIDTH, trend
from tests.conftest import NOW

TODAY = date(2026, 3, 3)


@pytest.mark.parametrize("code", Because)
def test_every_reason_for_a_rep_has_its_words(code):
    assert wording.because({"code": code.value})


def test_who_was_passed_over_is_told_too():
    routed = {"code": "round_robin", "rep": 3, "passed_over": "company_owner_absent"}
    assert wording.because(routed) == "next in the round, by capacity; the company's owner is absent"


def test_an_unknown_reason_says_nothing():
    assert wording.because({}) == wording.because({"code": "magic"}) == ""


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", [Move.CLAIM, Move.RELEASE, Move.ACCEPT, Move.REJECT])
@pytest.mark.parametrize(("owner", "is_own"), [("Rita", False), ("Rita", True), (None, False)])
def test_every_refusal_is_a_sentence(state, move, owner, is_own):
    sentence = wording.conflict(state=state, move=move, owner=owner, is_own=is_own)
    assert sentence.endswith(".")
    assert "%(" not in sentence


@pytest.mark.parametrize(
    ("hours", "text"),
    [(24, "24 h left"), (0.5, "30 min left"), (72, "3 days left"), (-0.5, "30 min overdue"), (-30, "30 h overdue")],
)
def test_the_time_for_an_answer_is_told_in_one_unit(hours, text):
    assert wording.due(NOW + timedelta(hours=hours), NOW) == text


def test_a_card_that_says_nothing_gives_no_reasons():
    assert wording.why_line({}, labels={}, days_since=0) == ""


def test_a_line_is_drawn_from_where_the_score_begins_to_today():
    line = trend([(TODAY - timedelta(days=10), 20), (TODAY - timedelta(days=3), 50)], total=60, today=TODAY)
    points = [tuple(map(int, point.split(","))) for point in line.points.split()]
    assert len(points) == 11
    assert points[-1] == (WIDTH, 2)
    assert points[0][1] == HEIGHT - 2
    assert line.change == 40


def test_a_change_before_the_window_is_where_the_line_begins():
    line = trend([(TODAY - timedelta(days=90), 20), (TODAY, 30)], total=30, today=TODAY)
    assert len(line.points.split()) == DAYS


def test_nothing_changed_so_nothing_is_drawn():
    assert trend([], total=60, today=TODAY) is None
    assert trend([(TODAY - timedelta(days=90), 20)], total=20, today=TODAY) is None
