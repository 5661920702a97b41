"""How activities are counted: assets, repeats, opens, what never ends, what does nothing. L09 to L11, L19 and L20."""

from collections.abc import Iterator
from typing import Final

from scoring.engine.conditions import fields_named
from scoring.engine.lint.criteria import enabled, keys
from scoring.engine.lint.finding import Finding, finding
from scoring.engine.matrix import Criterion, Decay, Matrix, Reached, Rising, Silent, Steps, When
from scoring.engine.meaning import holds_for_all

#: Kinds that come in numbers without meaning more each time.
REPEATING_KINDS: Final = frozenset(
    {
        "page_view",
        "session",
        "site_search",
        "email_open",
        "email_click",
        "video_watch",
        "content_read",
        "social",
    }
)
#: Kinds with no page, form, file, mail or event behind them by which they could be told apart.
KINDS_WITHOUT_ASSET: Final = frozenset(
    {
        "session",
        "site_search",
        "email_bounce",
        "unsubscribe",
        "newsletter_signup",
        "chat",
        "trial_start",
        "demo_request",
        "call",
        "meeting",
        "sales_rejected",
        "conversation",
        "deal_opened",
        "deal_won",
        "deal_lost",
        "adjustment",
    }
)
_ASSET_FIELDS: Final = ("activity.url", "activity.subject", "activity.properties.")


def same_whatever_the_asset(matrix: Matrix) -> Iterator[Finding]:
    """A kind of which no criterion asks for the page, form, file, mail or event."""
    counting = [(criterion, when) for criterion, when in _scored(matrix) if when.measure is None]
    kinds = dict.fromkeys(kind for _, when in counting for kind in when.pattern.kinds)
    for kind in kinds:
        if kind in KINDS_WITHOUT_ASSET:
            continue
        of_kind = [(criterion, when) for criterion, when in _scored(matrix) if kind in when.pattern.kinds]
        if not any(_asks_for_an_asset(when) for _, when in of_kind):
            yield finding("L09", *keys(criterion for criterion, when in of_kind if when.measure is None), kind=kind)


def _asks_for_an_asset(when: When) -> bool:
    return any(name.startswith(_ASSET_FIELDS) for name in fields_named(when.pattern.where))


def repeats_without_limit(matrix: Matrix) -> Iterator[Finding]:
    for criterion, when in _scored(matrix):
        repeating = sorted(REPEATING_KINDS.intersection(when.pattern.kinds or REPEATING_KINDS))
        if repeating and when.measure is None and not _limits_repeats(criterion):
            yield finding("L10", criterion.key, kinds=repeating)


def _limits_repeats(criterion: Criterion) -> bool:
    count = criterion.count
    return (
        count.max is not None
        or count.max_per_day is not None
        or count.repeat_percent < 100
        or criterion.max_points is not None
    )


def open_is_scored(matrix: Matrix) -> Iterator[Finding]:
    for criterion, when in _scored(matrix):
        names_opens = "email_open" in when.pattern.kinds
        takes_all = not when.pattern.kinds and holds_for_all(when.pattern.where)
        if (names_opens or takes_all) and not isinstance(when.measure, Silent):
            yield finding("L11", criterion.key)


def decision_never_expires(matrix: Matrix) -> Iterator[Finding]:
    for criterion in enabled(matrix):
        if criterion.when is None or not (criterion.disqualify or criterion.fast_track):
            continue
        # A window passes, and silence ends with the next activity.
        if criterion.when.measure is None and not _ends(criterion.decay):
            yield finding("L19", criterion.key, decides="disqualify" if criterion.disqualify else "fast_track")


def _ends(decay: Decay) -> bool:
    """Whether the curve comes down to nothing; of all curves only steps may stay above it for ever."""
    return decay.steps[-1].percent == 0 if isinstance(decay, Steps) else decay is not None


def does_nothing(matrix: Matrix) -> Iterator[Finding]:
    for criterion in enabled(matrix):
        measure = None if criterion.when is None else criterion.when.measure
        if measure is None or isinstance(measure, Reached):
            continue
        beside = "rising" if isinstance(measure, Rising) else "silent_days"
        grows = isinstance(measure, Silent) and measure.per_days is not None
        if criterion.decay is not None:
            yield finding("L20", criterion.key, part="decay", beside=beside, effect="none")
        if criterion.count.max_per_day is not None:
            effect = "undoes_per_days" if grows else "none"
            yield finding("L20", criterion.key, part="max_per_day", beside=beside, effect=effect)


def _scored(matrix: Matrix) -> list[tuple[Criterion, When]]:
    """Enabled criteria on activities that are worth something, with their pattern."""
    return [
        (criterion, criterion.when)
        for criterion in enabled(matrix)
        if criterion.when is not None and criterion.points != 0
    ]
