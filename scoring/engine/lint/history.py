"""What data and the published version tell. L13, L15, L16 and L18."""

from collections.abc import Iterator

from scoring.engine.lint.finding import Finding, Observed, finding
from scoring.engine.matrix import Matrix

#: Days the matches are observed over.
OBSERVED_DAYS = 90
NEARLY_ALL_PERCENT = 95
SETTLING_DAYS = 60
REVIEW_DAYS = 90


def tells_nobody_apart(matrix: Matrix, observed: Observed) -> Iterator[Finding]:
    """Disabled criteria are looked at too: they are measured to learn whether they would be useful."""
    if observed.leads == 0:
        return
    for criterion in matrix.criteria:
        matched = observed.matched.get(criterion.key)
        if matched is None:
            continue
        if matched == 0 or 100 * matched > NEARLY_ALL_PERCENT * observed.leads:
            yield finding("L13", criterion.key, matched=matched, leads=observed.leads, days=OBSERVED_DAYS)


def too_early(matrix: Matrix, observed: Observed) -> Iterator[Finding]:
    """An equal matrix changes nothing, whatever its age."""
    age = observed.published_age_days
    if age is not None and age < SETTLING_DAYS and observed.published != matrix:
        yield finding("L15", age_days=age, least_days=SETTLING_DAYS)


def flipped(matrix: Matrix, observed: Observed) -> Iterator[Finding]:
    """The points that move, up or down, against all points of the published version without their signs."""
    if observed.published is None:
        return
    before, after = _worth(observed.published), _worth(matrix)
    moves = {key: abs(after.get(key, 0) - before.get(key, 0)) for key in before | after}
    moved, all_points = sum(moves.values()), sum(map(abs, before.values()))
    if 3 * moved > all_points:
        changed = (criterion.key for criterion in matrix.criteria if moves[criterion.key])
        gone = [key for key in before if key not in after]
        yield finding("L16", *changed, moved=moved, all_points=all_points, gone=gone)


def _worth(matrix: Matrix) -> dict[str, int]:
    return {criterion.key: criterion.points if criterion.enabled else 0 for criterion in matrix.criteria}


def review_is_due(observed: Observed) -> Iterator[Finding]:
    age, reviewed = observed.published_age_days, observed.days_since_review
    if age is not None and age > REVIEW_DAYS and (reviewed is None or reviewed > REVIEW_DAYS):
        yield finding("L18", age_days=age, days_since_review=reviewed, most_days=REVIEW_DAYS)
