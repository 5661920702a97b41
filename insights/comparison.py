"""A version against the days before it was published: like with like, the same number of days on either side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from insights.baselines import FIGURES, PERIOD
from insights.models import Baseline
from insights.periods import PeriodFigures, period_figures
from insights.stats import poisson, wilson
from insights.wording import share_words, span_words
from scoring.models import MatrixVersion, Score

#: Until then a version is young.
YOUNG_DAYS: Final = 14
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure, and the interval or share below it; empty where there is none."""

    text: str
    below: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`days` on either side; 0 on the day of the publication, when there is nothing to compare yet. `before` is the number of
    the version that judged before, which did so for `before_days` of the days. `is_plan` for one that was never published:
    the days until now, which would be its baseline."""

    days: int
    is_plan: bool
    before: int | None
    before_days: int
    rows: Sequence[Row]
    start: datetime
    end: datetime

    @property
    def is_young(self) -> bool:
        return not self.is_plan and self.days < YOUNG_DAYS

    @property
    def is_mixed(self) -> bool:
        """Whether other versions, or none, judged in part of the days before."""
        return self.before is not None and self.before_days < self.days


def comparison(version: MatrixVersion) -> Comparison:
    """The days before the version was published against as many since, at most 28."""
    published = version.published_at
    if published is None:
        return _plan(version)
    until = min(published + PERIOD, version.retired_at or timezone.now())
    days = (until - published).days
    before = _version_before(version, published)
    kept = Baseline.objects.filter(version=version).first()
    columns: list[PeriodFigures] = []
    if days:
        columns.append(_before(version, published, days, kept))
        columns.append(period_figures(model_id=version.model_id, start=published, end=published + days * _DAY))
    scored = [kept.scored if kept else None, _scored_now(version)]
    return Comparison(
        days=days,
        is_plan=False,
        before=before.number if before else None,
        before_days=_judged_days(before, published, days),
        rows=_rows(columns, scored),
        start=published - days * _DAY,
        end=published + days * _DAY,
    )


def _plan(version: MatrixVersion) -> Comparison:
    now = timezone.now()
    before = version.model.active_version
    columns = [period_figures(model_id=version.model_id, start=now - PERIOD, end=now)]
    scored = Score.objects.filter(model=version.model_id).count()
    return Comparison(
        days=PERIOD.days,
        is_plan=True,
        before=before.number if before else None,
        before_days=_judged_days(before, now, PERIOD.days),
        rows=_rows(columns, [scored]),
        start=now - PERIOD,
        end=now,
    )


def _before(version: MatrixVersion, published: datetime, days: int, kept: Baseline | None) -> PeriodFigures:
    """As it was kept where that is of as many days, else counted now."""
    start = published - days * _DAY
    if kept is None or kept.period_from != start:
        return period_figures(model_id=version.model_id, start=start, end=published)
    return PeriodFigures(
        start=start,
        end=published,
        qualified_by_week=tuple(kept.qualified_by_week),
        **{name: getattr(kept, name) for name in FIGURES},
    )


def _version_before(version: MatrixVersion, published: datetime) -> MatrixVersion | None:
    earlier = MatrixVersion.objects.filter(model=version.model_id, published_at__lt=published).exclude(pk=version.pk)
    return earlier.defer("document").order_by("-published_at").first()


def _judged_days(before: MatrixVersion | None, end: datetime, days: int) -> int:
    if before is None or before.published_at is None:
        return 0
    return min(days, (end - before.published_at).days)


def _scored_now(version: MatrixVersion) -> int | None:
    """Of the version that judges; for one that was replaced nobody counts any more."""
    if version.state != MatrixVersion.State.PUBLISHED:
        return None
    return Score.objects.filter(model=version.model_id).count()


def _rows(columns: Sequence[PeriodFigures], scored: Sequence[int | None]) -> list[Row]:
    if not columns:
        return []

    def row(label: str, cells: Sequence[Cell]) -> Row:
        return Row(label=label, cells=cells)

    return [
        row(_("Leads scored"), [Cell(text=_grouped(each)) for each in scored]),
        row(_("Qualified a week"), [_weekly(each) for each in columns]),
        row(
            _("Qualified by publications alone"),
            [Cell(text=_grouped(each.qualified_by_publication)) for each in columns],
        ),
        row(_("Handed off"), [Cell(text=_grouped(each.handed_off)) for each in columns]),
        row(
            _("Had a conversation, of those handed off"),
            [_share(each.conversations, each.handed_off) for each in columns],
        ),
        row(
            _("Accepted, of those decided"), [_share(each.accepted, each.accepted + each.rejected) for each in columns]
        ),
        row(_("Won, of deals closed"), [_share(each.won, each.won + each.lost) for each in columns]),
        row(_("Time to accept, median"), [Cell(text=span_words(each.seconds_to_accept)) for each in columns]),
        row(
            _("Time to the first conversation, median"),
            [Cell(text=span_words(each.seconds_to_conversation)) for each in columns],
        ),
        row(_("Time to a won deal, median"), [Cell(text=span_words(each.seconds_to_close)) for each in columns]),
        row(_("Waiting for an answer at the end"), [Cell(text=_grouped(each.queue)) for each in columns]),
    ]


def _weekly(figures: PeriodFigures) -> Cell:
    found = poisson(sum(figures.qualified_by_week))
    weeks = (figures.end - figures.start) / timedelta(days=7)
    mean, low, high = (f"{each / weeks:,.1f}" for each in (found.count, found.low, found.high))
    return Cell(
        text=mean,
        below=_("%(count)s in all, %(low)s to %(high)s") % {"count": f"{found.count:,}", "low": low, "high": high},
    )


def _share(count: int, of: int) -> Cell:
    text = _("%(count)s of %(of)s") % {"count": f"{count:,}", "of": f"{of:,}"}
    return Cell(text=text, below=share_words(wilson(count, of)))


def _grouped(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"
