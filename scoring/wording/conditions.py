"""Conditions, patterns, counts and decay read back as sentences, so that a rule can be checked by reading it."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.engine.matrix import (
    ALWAYS,
    AllOf,
    Always,
    AnyOf,
    Condition,
    Count,
    Criterion,
    Decay,
    Expires,
    HalfLife,
    Leaf,
    Linear,
    Not,
    Pattern,
    Reached,
    Rising,
    Silent,
    Steps,
    When,
)
from scoring.wording.fields import field_label, kind_label, value_text

# One value, and several of which one is enough.
_ONE: dict[str, Promise] = {
    "is": gettext_lazy("%(field)s is %(value)s"),
    "in": gettext_lazy("%(field)s is %(value)s"),
    "contains": gettext_lazy("%(field)s contains %(value)s"),
    "starts_with": gettext_lazy("%(field)s starts with %(value)s"),
    "ends_with": gettext_lazy("%(field)s ends with %(value)s"),
    "has_word": gettext_lazy("%(field)s has the word %(value)s"),
    "gt": gettext_lazy("%(field)s is more than %(value)s"),
    "gte": gettext_lazy("%(field)s is at least %(value)s"),
    "lt": gettext_lazy("%(field)s is less than %(value)s"),
    "lte": gettext_lazy("%(field)s is at most %(value)s"),
    "has_any": gettext_lazy("%(field)s include %(value)s"),
    "has_all": gettext_lazy("%(field)s include %(value)s"),
    "path_is": gettext_lazy("%(field)s is the page %(value)s"),
    "path_starts_with": gettext_lazy("%(field)s is under %(value)s"),
}
_SEVERAL: dict[str, Promise] = {
    "in": gettext_lazy("%(field)s is one of %(value)s"),
    "contains": gettext_lazy("%(field)s contains one of %(value)s"),
    "starts_with": gettext_lazy("%(field)s starts with one of %(value)s"),
    "ends_with": gettext_lazy("%(field)s ends with one of %(value)s"),
    "has_word": gettext_lazy("%(field)s has one of the words %(value)s"),
    "has_any": gettext_lazy("%(field)s include one of %(value)s"),
    "has_all": gettext_lazy("%(field)s include all of %(value)s"),
    "path_is": gettext_lazy("%(field)s is one of the pages %(value)s"),
    "path_starts_with": gettext_lazy("%(field)s is under one of %(value)s"),
}


def condition_sentence(condition: Condition) -> str:
    """A condition as people read it: "seniority is one of C-level, VP and country is “DE”"."""
    match condition:
        case Always():
            return _("always")
        case AllOf(conditions=parts):
            return _(" and ").join(_inside(part, within=AllOf) for part in parts)
        case AnyOf(conditions=parts):
            return _(" or ").join(_inside(part, within=AnyOf) for part in parts)
        case Not(condition=Leaf(op="is_known") as leaf):
            return _("%(field)s is unknown") % {"field": field_label(leaf.field)}
        case Not(condition=inner):
            return _("not (%(condition)s)") % {"condition": condition_sentence(inner)}
        case Leaf():
            return _leaf_sentence(condition)


def _inside(part: Condition, *, within: type[AllOf] | type[AnyOf]) -> str:
    sentence = condition_sentence(part)
    is_other_list = isinstance(part, AllOf | AnyOf) and not isinstance(part, within) and len(part.conditions) > 1
    return f"({sentence})" if is_other_list else sentence


def _leaf_sentence(leaf: Leaf) -> str:
    field = field_label(leaf.field)
    values = leaf.value if isinstance(leaf.value, tuple) else () if leaf.value is None else (leaf.value,)
    texts = [str(each) if leaf.op.startswith("path_") else value_text(leaf.field, each) for each in values]
    if leaf.op == "is_known":
        return _("%(field)s is known") % {"field": field}
    if leaf.op == "between":
        return _("%(field)s is from %(low)s to %(high)s") % {"field": field, "low": texts[0], "high": texts[1]}
    if leaf.op == "years_between":
        sentence = _("%(field)s is %(low)s to %(high)s years ago")
        return sentence % {"field": field, "low": texts[0], "high": texts[1]}
    sentences = _SEVERAL if len(texts) > 1 else _ONE
    return str(sentences[leaf.op]) % {"field": field, "value": ", ".join(texts)}


def pattern_sentence(pattern: Pattern) -> str:
    """Which activities: "page view where address is under /pricing"."""
    kinds = _(" or ").join(kind_label(kind) for kind in pattern.kinds) if pattern.kinds else _("any activity")
    if pattern.where == ALWAYS:
        return kinds
    return _("%(kinds)s where %(condition)s") % {"kinds": kinds, "condition": condition_sentence(pattern.where)}


def when_sentence(when: When) -> str:
    """An activity pattern with what is added to it."""
    parts = [pattern_sentence(when.pattern)]
    if when.after is not None:
        parts.append(
            ngettext(
                "at most %(days)s day after %(pattern)s",
                "at most %(days)s days after %(pattern)s",
                when.after.within_days,
            )
            % {"days": when.after.within_days, "pattern": pattern_sentence(when.after.pattern)}
        )
    if when.unique_by is not None:
        parts.append(_("each subject once"))
    if when.measure is not None:
        parts.append(_measure_sentence(when.measure))
    return ", ".join(parts)


def _measure_sentence(measure: Reached | Rising | Silent) -> str:
    match measure:
        case Reached():
            return _("at least %(count)s in %(days)s days, counted once") % {
                "count": measure.at_least,
                "days": measure.within_days,
            }
        case Rising():
            numbers = {"percent": measure.by_percent, "days": measure.days, "count": measure.at_least}
            if measure.of == "value":
                return (
                    _("their mean value up by %(percent)s percent in %(days)s days, from at least %(count)s") % numbers
                )
            return _("up by %(percent)s percent in %(days)s days, to at least %(count)s") % numbers
        case Silent(per_days=None):
            return _("then none for %(days)s days") % {"days": measure.days}
        case Silent():
            return _("then none for %(days)s days, and again for each further %(per)s days") % {
                "days": measure.days,
                "per": measure.per_days,
            }


def count_sentence(count: Count) -> str:
    """How repeats count; "" where every one counts fully."""
    parts = []
    if count.max_per_day is not None:
        parts.append(_("at most %(count)s a day") % {"count": count.max_per_day})
    if count.max is not None:
        parts.append(_("at most %(count)s in all") % {"count": count.max})
    if count.repeat_percent != 100:
        parts.append(_("each further one at %(percent)s percent of the one before") % {"percent": count.repeat_percent})
    return ", ".join(parts)


def decay_sentence(decay: Decay) -> str:
    """How age counts; "" where it does not."""
    match decay:
        case None:
            return ""
        case Expires():
            return _("expires after %(days)s days") % {"days": decay.after_days}
        case HalfLife():
            return _("halves every %(days)s days") % {"days": decay.days}
        case Linear():
            return _("fades to nothing over %(days)s days") % {"days": decay.days}
        case Steps():
            steps = (
                _("%(percent)s percent from day %(day)s") % {"percent": step.percent, "day": step.from_day}
                for step in decay.steps
            )
            return ", ".join(steps)


def criterion_sentence(criterion: Criterion) -> str:
    """The whole rule of a criterion, without its points."""
    return _joined(
        [
            condition_sentence(criterion.if_) if criterion.if_ != ALWAYS or criterion.when is None else "",
            when_sentence(criterion.when) if criterion.when is not None else "",
            count_sentence(criterion.count),
            decay_sentence(criterion.decay),
            _("at most %(points)s points") % {"points": criterion.max_points}
            if criterion.max_points is not None
            else "",
        ]
    )


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part)
