"""The statistics, held to an oracle that others keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.stats import auc, poisson, wilson


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=60))
def test_the_area_under_the_curve_equals_scikit_learns(rows: list[tuple[int, bool]]) -> None:
    from sklearn.metrics import roc_auc_score

    scores, outcomes = [row[0] for row in rows], [row[1] for row in rows]
    ours = auc(scores, outcomes)
    if len(set(outcomes)) == 1:
        assert ours is None
    else:
        assert ours == pytest.approx(roc_auc_score(outcomes, scores))


@given(st.integers(1, 500), st.data())
def test_wilsons_interval_equals_scipys(trials: int, data: st.DataObject) -> None:
    from scipy.stats import binomtest

    successes = data.draw(st.integers(0, trials))
    ours = wilson(successes, trials)
    theirs = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_nothing_tried_has_no_interval() -> None:
    assert wilson(0, 0) is None


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        auc([1], [True, False])


@given(st.integers(0, 5_000))
def test_byars_interval_is_close_to_the_exact_one(count: int) -> None:
    from scipy.stats import chi2

    ours = poisson(count)
    low, high = (chi2.ppf(0.025, 2 * count) / 2 if count else 0.0), chi2.ppf(0.975, 2 * count + 2) / 2
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.05)


def test_a_count_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        poisson(-1)
