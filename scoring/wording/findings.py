"""What lint found, as a sentence that says why and one that says what to do."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.engine.lint import Finding
from scoring.engine.matrix import Matrix
from scoring.wording.fields import dimension_label, field_label, kind_label

Params = Mapping[str, object]


def finding_sentence(finding: Finding, matrix: Matrix | None = None) -> str:
    """Why the finding matters and what to do; with the matrix, criteria by their labels instead of keys."""
    labels = {each.key: each.label for each in matrix.criteria} if matrix is not None else {}
    names = ", ".join(labels.get(key, key) for key in finding.criteria)
    sentence = _SENTENCES[finding.code](finding.params)
    return f"{names}: {sentence}" if names else sentence


def _one_gives_too_much(params: Params) -> str:
    if params["most"] is None:
        return _("gives points without limit, so it alone can hand a lead off. Cap it.")
    return _("alone can give %(most)s of the %(threshold)s points a hand-off needs. Lower or cap it.") % params


def _out_of_reach(params: Params) -> str:
    missing = params["missing"]
    if isinstance(missing, list) and "disqualifier" in missing:
        return _("this disqualifies every lead, so nobody can be handed off. Narrow its condition.")
    return _(
        "No lead can reach the stage of the hand-off under all limits. Raise points or lower thresholds and gates."
    )


def _one_side_alone(params: Params) -> str:
    sentence = _(
        "The hand-off can be reached by %(dimension)s alone. Set a ceiling for it, or a gate for the other side."
    )
    return sentence % {"dimension": dimension_label(str(params["dimension"]))}


def _no_negative(_params: Params) -> str:
    return _("No criterion takes points away. Say what speaks against a lead: students, competitors, silence.")


def _nothing_fades(_params: Params) -> str:
    return _("Nothing decays and nothing measures silence, so old interest counts for ever. Let behavior fade.")


def _worth_the_same(params: Params) -> str:
    sentence = _("All criteria of %(dimension)s are worth %(points)s points. Say which matter more.")
    return sentence % {"dimension": dimension_label(str(params["dimension"])), "points": params["points"]}


def _how_many(params: Params) -> str:
    count = int(str(params["count"]))
    sentence = ngettext(
        "There is %(count)s criterion; guides advise %(fewest)s to %(most)s.",
        "There are %(count)s criteria; guides advise %(fewest)s to %(most)s.",
        count,
    )
    return sentence % params


def _lopsided(params: Params) -> str:
    sentence = _("%(fit)s criteria are about fit and %(behavior)s about behavior; guides advise about half and half.")
    return sentence % params


def _whatever_the_asset(params: Params) -> str:
    sentence = _("every %(kind)s scores the same. Tell one asset from another by its subject or address, with where.")
    return sentence % {"kind": kind_label(str(params["kind"]))}


def _repeats_without_limit(_params: Params) -> str:
    return _("repeats count without limit. Add a cap, a limit per day or a repeat percentage.")


def _open_is_scored(_params: Params) -> str:
    return _("scores email opens, which scanners do too. Score clicks instead, or keep it low.")


def _counted_twice(_params: Params) -> str:
    return _("the same rule stands twice and both add up. Keep one of them.")


def _tells_nobody_apart(params: Params) -> str:
    if params["matched"] == 0:
        return _("matched no lead in %(days)s days. Check its rule or remove it.") % params
    sentence = _("matches %(matched)s of %(leads)s leads, so it tells nobody apart. Narrow or remove it.")
    return sentence % params


def _personal_fact(params: Params) -> str:
    sentence = _("rests on %(field)s, a personal fact that selling to businesses never needs. Remove it.")
    return sentence % {"field": field_label(str(params["field"]))}


def _too_early(params: Params) -> str:
    sentence = ngettext(
        "The published version is %(age_days)s day old. Give it %(least_days)s days before an overhaul.",
        "The published version is %(age_days)s days old. Give it %(least_days)s days before an overhaul.",
        int(str(params["age_days"])),
    )
    return sentence % params


def _flipped(params: Params) -> str:
    sentence = _("change %(moved)s of %(all_points)s points at once. Do not flip it completely; change it in steps.")
    return sentence % params


def _leaks(params: Params) -> str:
    if "kind" in params:
        sentence = _("rests on %(kind)s, which comes after sales made contact, so it leaks the outcome. Remove it.")
        return sentence % {"kind": kind_label(str(params["kind"]))}
    sentence = _("rests on %(field)s, which sales fills in after contact, so it leaks the outcome. Remove it.")
    return sentence % {"field": field_label(str(params["field"]))}


def _review_is_due(params: Params) -> str:
    sentence = _(
        "The published version was not reviewed for more than %(most_days)s days. It is not set-and-forget: review it."
    )
    return sentence % params


def _never_expires(params: Params) -> str:
    if params["decides"] == "disqualify":
        return _("disqualifies for ever because of one activity. Let it expire.")
    return _("fast-tracks for ever because of one activity. Let it expire.")


def _does_nothing(params: Params) -> str:
    if params["effect"] == "none":
        return _("%(part)s does nothing beside %(beside)s. Remove it.") % params
    return _("%(part)s undoes per_days of %(beside)s. Remove one of them.") % params


def _hidden_negatives(params: Params) -> str:
    sentence = _(
        "takes points away, yet %(lowest)s cannot be reached in %(dimension)s. Lower the floor or raise the last band."
    )
    return sentence % {"lowest": params["lowest"], "dimension": dimension_label(str(params["dimension"]))}


def _example_ends_elsewhere(params: Params) -> str:
    numbers = {**params, "actual": params["actual"] or _("no stage")}
    return (
        _("The example “%(name)s” ends in %(actual)s instead of %(expected)s. Mend the matrix or the example.")
        % numbers
    )


_SENTENCES: Mapping[str, Callable[[Params], str]] = {
    "L01": _one_gives_too_much,
    "L02": _out_of_reach,
    "L03": _one_side_alone,
    "L04": _no_negative,
    "L05": _nothing_fades,
    "L06": _worth_the_same,
    "L07": _how_many,
    "L08": _lopsided,
    "L09": _whatever_the_asset,
    "L10": _repeats_without_limit,
    "L11": _open_is_scored,
    "L12": _counted_twice,
    "L13": _tells_nobody_apart,
    "L14": _personal_fact,
    "L15": _too_early,
    "L16": _flipped,
    "L17": _leaks,
    "L18": _review_is_due,
    "L19": _never_expires,
    "L20": _does_nothing,
    "L21": _hidden_negatives,
    "L22": _example_ends_elsewhere,
}
