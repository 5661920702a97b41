"""What guides advise about scoring, checked on one matrix: each rule has its code in `docs/lint.md`.

`lint` is complete for what it is told: rules that need data are silent where `Observed` says nothing.
"""

from collections.abc import Iterator

from scoring.engine.lint.activities import (
    decision_never_expires,
    does_nothing,
    open_is_scored,
    repeats_without_limit,
    same_whatever_the_asset,
)
from scoring.engine.lint.examples import example_ends_elsewhere
from scoring.engine.lint.fields import leaks_the_outcome, personal_fact
from scoring.engine.lint.finding import SEVERITIES, Finding, Observed, Severity
from scoring.engine.lint.history import flipped, review_is_due, tells_nobody_apart, too_early
from scoring.engine.lint.points import (
    hand_off_out_of_reach,
    hidden_negatives,
    one_gives_too_much,
    reached_by_one_side_alone,
)
from scoring.engine.lint.shape import (
    all_worth_the_same,
    counted_twice,
    lopsided,
    no_negative_criterion,
    nothing_fades,
    too_few_or_too_many,
)
from scoring.engine.matrix import Matrix

__all__ = ["SEVERITIES", "Finding", "Observed", "Severity", "lint"]

_NOTHING_OBSERVED = Observed()


def lint(matrix: Matrix, *, observed: Observed | None = None) -> list[Finding]:
    """Every finding, by code, then in the order of the document."""
    return list(_findings(matrix, observed or _NOTHING_OBSERVED))


def _findings(matrix: Matrix, observed: Observed) -> Iterator[Finding]:
    yield from one_gives_too_much(matrix)  # L01
    yield from hand_off_out_of_reach(matrix)  # L02
    yield from reached_by_one_side_alone(matrix)  # L03
    yield from no_negative_criterion(matrix)  # L04
    yield from nothing_fades(matrix)  # L05
    yield from all_worth_the_same(matrix)  # L06
    yield from too_few_or_too_many(matrix)  # L07
    yield from lopsided(matrix)  # L08
    yield from same_whatever_the_asset(matrix)  # L09
    yield from repeats_without_limit(matrix)  # L10
    yield from open_is_scored(matrix)  # L11
    yield from counted_twice(matrix)  # L12
    yield from tells_nobody_apart(matrix, observed)  # L13
    yield from personal_fact(matrix)  # L14
    yield from too_early(matrix, observed)  # L15
    yield from flipped(matrix, observed)  # L16
    yield from leaks_the_outcome(matrix, observed)  # L17
    yield from review_is_due(observed)  # L18
    yield from decision_never_expires(matrix)  # L19
    yield from does_nothing(matrix)  # L20
    yield from hidden_negatives(matrix)  # L21
    yield from example_ends_elsewhere(matrix)  # L22
