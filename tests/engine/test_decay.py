"""Shares and repeat factors are those of the exact ratios."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.decay import repeat_table, share_table
from scoring.engine.matrix import Expires, HalfLife, Linear, Step, Steps
from scoring.engine.types import MICRO


def is_rounded_half_life(share: int, age: int, half_life: int) -> bool:
    """share − 1/2 ≤ MICRO × 0.5 ** (age / half_life) < share + 1/2, raised to the half-life to stay in whole numbers."""
    exact = (2 * MICRO) ** half_life
    return (2 * share - 1) ** half_life << age <= exact < (2 * share + 1) ** half_life << age


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 120), st.data())
def test_a_half_life_is_rounded_from_the_exact_power(half_life: int, data: st.DataObject) -> None:
    table = share_table(HalfLife(days=half_life))
    age = data.draw(st.integers(0, len(table.entries) - 1))
    assert is_rounded_half_life(table.at(age), age, half_life)


def test_a_half_life_ends_where_the_share_falls_below_a_thousandth() -> None:
    table = share_table(HalfLife(days=1))
    assert table.entries == (1_000_000, 500_000, 250_000, 125_000, 62_500, 31_250, 15_625, 7_813, 3_906, 1_953)
    assert table.at(10) == 0
    for half_life in (2, 7, 30, 365, 3650):
        entries = share_table(HalfLife(days=half_life)).entries
        assert entries[-1] >= 1_000
        assert MICRO * 0.5 ** (len(entries) / half_life) - 0.5 <= 999
        assert list(entries) == sorted(entries, reverse=True)


def test_a_tie_is_rounded_up() -> None:
    # 1,000,000 / 2 ** 7 is 7812.5.
    assert share_table(HalfLife(days=30)).at(210) == 7_813


@given(st.integers(1, 3650), st.integers(0, 4000))
def test_linear_shares_fall_to_nothing(days: int, age: int) -> None:
    exact = max(Fraction(0), Fraction(MICRO * (days - age), days))
    assert share_table(Linear(days=days)).at(age) == (exact + Fraction(1, 2)) // 1


@pytest.mark.parametrize(("age", "share"), [(0, MICRO), (6, MICRO), (7, 0), (4000, 0)])
def test_what_expires_counts_fully_until_then(age: int, share: int) -> None:
    assert share_table(Expires(after_days=7)).at(age) == share


@pytest.mark.parametrize(
    ("age", "share"), [(0, MICRO), (29, MICRO), (30, 750_000), (60, 500_000), (89, 500_000), (90, 0), (999, 0)]
)
def test_steps_hold_from_their_day_on(age: int, share: int) -> None:
    steps = (Step(from_day=30, percent=75), Step(from_day=60, percent=50), Step(from_day=90, percent=0))
    assert share_table(Steps(steps=steps)).at(age) == share


def test_the_last_step_goes_on() -> None:
    assert share_table(Steps(steps=(Step(from_day=1, percent=40),))).at(36_500) == 400_000


def test_without_decay_every_age_counts_fully() -> None:
    assert share_table(None).at(0) == share_table(None).at(99_999) == MICRO


@pytest.mark.parametrize("percent", [0, 1, 33, 50, 67, 99, 100])
def test_repeats_are_rounded_from_the_exact_power(percent: int) -> None:
    table = repeat_table(percent)
    for before in (0, 1, 2, 3, 5, 20, 100, 1_000, 2_000, 9_999):
        exact = MICRO * Fraction(percent, 100) ** before
        assert table.at(before) == (exact + Fraction(1, 2)) // 1
