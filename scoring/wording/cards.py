"""What a card, a forecast and a why-not say, as lines for people. Numbers come from the card and are not made here."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.engine.card import Card, CriterionLine, LedgerLine
from scoring.engine.forecast import Forecast
from scoring.engine.matrix import Matrix
from scoring.engine.why_not import (
    CriterionUnmet,
    Disqualified,
    FactUnknown,
    GradeNeeded,
    LevelNeeded,
    NotScored,
    Obstacle,
    PointsShort,
    WhyNot,
)
from scoring.wording.fields import dimension_label, field_label

_LIMITS: dict[str, Promise] = {
    "group": gettext_lazy("Limit of the group %(name)s"),
    "dimension": gettext_lazy("Limit of %(name)s"),
    "weight": gettext_lazy("Weight of %(name)s"),
}
OUTCOMES: dict[str, Promise] = {
    "met": gettext_lazy("met"),
    "not_met": gettext_lazy("not met"),
    "unknown": gettext_lazy("unknown"),
    "disabled": gettext_lazy("disabled"),
}


def stage_label(key: str | None, matrix: Matrix) -> str:
    """What people call a stage; the key where the matrix has no such stage any more."""
    if not key:
        return _("no stage")
    return next((stage.label for stage in matrix.stages if stage.key == key), key)


def line_label(line: Mapping[str, object], matrix: Matrix) -> str:
    """What a line of a ledger (as the card's JSON has it) is called."""
    if "limit" in line:
        name = str(line["name"])
        group = matrix.groups.get(name)
        shown = (group.label if group else name) if line["limit"] == "group" else dimension_label(name)
        return str(_LIMITS[str(line["limit"])]) % {"name": shown}
    return next((each.label for each in matrix.criteria if each.key == line["criterion"]), str(line["criterion"]))


def line_why(line: LedgerLine, matrix: Matrix) -> str:
    """One criterion's share in a score: "Viewed the pricing page 3×"."""
    label = line_label(line.to_json(), matrix)
    times = len(line.evidence.activities) if isinstance(line, CriterionLine) else 0
    return _("%(label)s %(times)s×") % {"label": label, "times": times} if times > 1 else label


def card_why(card: Card, matrix: Matrix, *, most: int = 3) -> str:
    """Why a lead stands where it does, in one line: what decided first, then what gave most."""
    if card.score is None:
        return ""
    deciding = {*card.score.disqualified_by, *card.score.fast_tracked_by}
    lines = [line for line in card.score.ledger if isinstance(line, CriterionLine)]
    telling = [line for line in lines if line.criterion in deciding or line.contribution > 0]
    telling.sort(key=lambda line: (line.criterion not in deciding, -line.contribution))
    return "; ".join(line_why(line, matrix) for line in telling[:most])


def forecast_sentence(forecast: Forecast, matrix: Matrix) -> str:
    """What the coming days bring if nothing happens: "falls below Marketing qualified in 12 days"."""
    leaves = forecast.leaves_hand_off
    if leaves is not None:
        sentence = ngettext(
            "Falls below %(stage)s in %(days)s day if nothing happens.",
            "Falls below %(stage)s in %(days)s days if nothing happens.",
            leaves.in_days,
        )
        return sentence % {"stage": stage_label(matrix.hand_off_at, matrix), "days": leaves.in_days}
    first = forecast.moves[0] if forecast.moves else None
    if first is not None:
        sentence = ngettext(
            "Moves to %(stage)s in %(days)s day if nothing happens.",
            "Moves to %(stage)s in %(days)s days if nothing happens.",
            first.in_days,
        )
        return sentence % {"stage": stage_label(first.after, matrix), "days": first.in_days}
    sentence = ngettext(
        "Stays in this stage for the next %(days)s day if nothing happens.",
        "Stays in this stage for the next %(days)s days if nothing happens.",
        forecast.days,
    )
    return sentence % {"days": forecast.days}


def why_not_sentences(why_not: WhyNot, matrix: Matrix) -> list[str]:
    """What holds a lead from the next stage, cheapest first."""
    return [obstacle_sentence(each, why_not, matrix) for each in why_not.obstacles]


def obstacle_sentence(obstacle: Obstacle, why_not: WhyNot, matrix: Matrix) -> str:
    """One thing that holds a lead back, and what would help."""
    match obstacle:
        case NotScored(applies="unknown"):
            return _("Whether this model applies is unknown. Ask for: %(fields)s.") % {
                "fields": _fields(obstacle.fields)
            }
        case NotScored():
            return _("This model does not apply to the lead.")
        case PointsShort():
            sentence = ngettext(
                "%(points)s point short of %(stage)s.", "%(points)s points short of %(stage)s.", obstacle.missing
            )
            return sentence % {"points": obstacle.missing, "stage": stage_label(why_not.next_stage, matrix)}
        case FactUnknown(suffices=True):
            sentence = _("%(field)s is unknown: knowing it could add %(points)s points and be enough.")
            return sentence % {"field": field_label(obstacle.field), "points": obstacle.points}
        case FactUnknown():
            sentence = _("%(field)s is unknown: knowing it could add %(points)s points.")
            return sentence % {"field": field_label(obstacle.field), "points": obstacle.points}
        case CriterionUnmet(is_fast_track=True):
            return _("Would be fast-tracked by: %(criterion)s.") % {"criterion": _criterion(obstacle.criterion, matrix)}
        case CriterionUnmet():
            sentence = _("Enough would be: %(criterion)s (%(points)+d points).")
            return sentence % {"criterion": _criterion(obstacle.criterion, matrix), "points": obstacle.points}
        case LevelNeeded():
            sentence = _("Level %(have)s, %(needed)s needed.")
            return _with_missing(
                sentence % {"have": obstacle.level, "needed": obstacle.needed}, obstacle.missing, "behavior"
            )
        case GradeNeeded():
            sentence = _("Grade %(have)s, %(needed)s needed.")
            return _with_missing(
                sentence % {"have": obstacle.grade, "needed": obstacle.needed}, obstacle.missing, "fit"
            )
        case Disqualified():
            sentence = _("Disqualified by: %(criterion)s. No points help against that.")
            return sentence % {"criterion": _criterion(obstacle.criterion, matrix)}


def _with_missing(sentence: str, missing: int | None, dimension: str) -> str:
    if missing is None:
        return sentence
    more = ngettext("%(points)s more %(dimension)s point.", "%(points)s more %(dimension)s points.", missing)
    return f"{sentence} {more % {'points': missing, 'dimension': dimension_label(dimension)}}"


def _fields(names: Iterable[str]) -> str:
    return ", ".join(field_label(name) for name in names)


def _criterion(key: str, matrix: Matrix) -> str:
    return next((each.label for each in matrix.criteria if each.key == key), key)
