"""Codes of hand-offs as sentences: why a lead is here, why this rep, what stands in the way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from handoff.lifecycle import Move, State
from handoff.routing import Because
from scoring.engine.matrix import Criterion

# Reasons in one line.
REASONS = 3

STATES: dict[State, Promise] = {
    State.WAITING: gettext_lazy("waiting"),
    State.CLAIMED: gettext_lazy("claimed"),
    State.ACCEPTED: gettext_lazy("accepted"),
    State.REJECTED: gettext_lazy("rejected"),
    State.EXPIRED: gettext_lazy("expired"),
    State.MERGED: gettext_lazy("closed by a merge of leads"),
}

_TAKEN: dict[State, Promise] = {
    State.WAITING: gettext_lazy("This lead waits for %(owner)s."),
    State.CLAIMED: gettext_lazy("%(owner)s works on this lead: they claimed it."),
    State.ACCEPTED: gettext_lazy("%(owner)s has accepted this lead."),
    State.REJECTED: gettext_lazy("%(owner)s has rejected this lead."),
}
_OWN: dict[State, Promise] = {
    State.CLAIMED: gettext_lazy("You have claimed this lead already."),
    State.ACCEPTED: gettext_lazy("You have accepted this lead already."),
    State.REJECTED: gettext_lazy("You have rejected this lead already."),
}
_NOBODYS: dict[State, Promise] = {
    State.EXPIRED: gettext_lazy("This hand-off has expired: the lead cooled and nobody answered in time."),
    State.MERGED: gettext_lazy("This hand-off was closed when two leads were merged; see the lead that remains."),
    State.REJECTED: gettext_lazy("This lead was rejected."),
}

_BECAUSE: dict[Because, Promise] = {
    Because.LEAD_OWNER: gettext_lazy("owns the lead"),
    Because.COMPANY_OWNER: gettext_lazy("owns the company"),
    Because.ROUND_ROBIN: gettext_lazy("next in the round, by capacity"),
    Because.NOBODY: gettext_lazy("nobody takes hand-offs today; it waits for the first who does"),
    Because.TAKEN: gettext_lazy("took it from the team's queue"),
    Because.RELEASED: gettext_lazy("given back to the team's queue"),
    Because.PASSED_ON: gettext_lazy("taken over from a colleague who left"),
}
_PASSED_OVER: dict[str, Promise] = {
    "lead_owner_absent": gettext_lazy("the lead's owner is absent"),
    "lead_owner_not_taking": gettext_lazy("the lead's owner takes no hand-offs"),
    "company_owner_absent": gettext_lazy("the company's owner is absent"),
    "company_owner_not_taking": gettext_lazy("the company's owner takes no hand-offs"),
}


def conflict(*, state: State, move: Move, owner: str | None, is_own: bool) -> str:
    """Why a move is not possible: who has the lead, or what happened to the hand-off."""
    if move is Move.RELEASE and state is State.WAITING:
        return _("Only a claimed lead can be given back; this one waits.")
    if is_own and state in _OWN:
        return str(_OWN[state])
    if owner is not None and state in _TAKEN:
        return str(_TAKEN[state]) % {"owner": owner}
    if state in _NOBODYS:
        return str(_NOBODYS[state])
    return _("This hand-off is %(state)s, which does not allow that.") % {"state": STATES[state]}


_DONE: dict[Move, Promise] = {
    Move.CLAIM: gettext_lazy("Claimed: nobody else can take %(lead)s now."),
    Move.RELEASE: gettext_lazy("Given back: your team can take %(lead)s."),
    Move.ACCEPT: gettext_lazy("Accepted: %(lead)s is yours to call."),
    Move.REJECT: gettext_lazy("Rejected: %(lead)s is out of the queue."),
}


def done(move: Move, *, lead: str) -> str:
    """What a decision did."""
    return str(_DONE[move]) % {"lead": lead}


def because(routed: Mapping[str, Any]) -> str:
    """Why this rep, or why nobody yet; empty where nothing is known."""
    code = routed.get("code")
    if code not in set(Because):
        return ""
    sentence = str(_BECAUSE[Because(code)])
    passed_over = _PASSED_OVER.get(str(routed.get("passed_over")))
    return f"{sentence}; {passed_over}" if passed_over else sentence


def due(sla_due_at: datetime, now: datetime) -> str:
    """How long until an answer is due, or how long it is overdue, in one unit."""
    minutes = int(abs((sla_due_at - now).total_seconds()) // 60)
    if minutes < 60:
        span = ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    elif minutes < 60 * 48:
        span = ngettext("%(n)s h", "%(n)s h", minutes // 60) % {"n": minutes // 60}
    else:
        days = minutes // (60 * 24)
        span = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return (_("%(span)s overdue") if now >= sla_due_at else _("%(span)s left")) % {"span": span}


def why_line(card: Mapping[str, Any], *, labels: Mapping[str, str], days_since: int) -> str:
    """Why a lead is worth a call, in one line, from a card: "Asked for a demo; VP; Pricing page 3× this week".

    The fast tracks first, then what gives most. `days_since` is how old the card is: ages in it are that much higher now.
    """
    fast = set(card.get("fast_tracked_by", ()))
    lines = [line for line in card.get("ledger", ()) if _speaks(line, fast)]
    lines.sort(key=lambda line: (line["criterion"] not in fast, -line["contribution"]))
    return "; ".join(_reason(line, labels, days_since) for line in lines[:REASONS])


def _speaks(line: Mapping[str, Any], fast: set[str]) -> bool:
    return "criterion" in line and (line["contribution"] > 0 or line["criterion"] in fast)


def _reason(line: Mapping[str, Any], labels: Mapping[str, str], days_since: int) -> str:
    label = labels.get(line["criterion"], str(line["criterion"]))
    ages = [activity["age"] + days_since for activity in line["evidence"]["activities"]]
    this_week = sum(age < 7 for age in ages)
    if this_week:
        text = ngettext("%(label)s this week", "%(label)s %(n)s× this week", this_week)
        return text % {"label": label, "n": this_week}
    if ages:
        text = ngettext("%(label)s %(n)s day ago", "%(label)s %(n)s days ago", min(ages))
        return text % {"label": label, "n": min(ages)}
    return label


def suppressed(reason: str, until: datetime | None, *, is_by_import: bool = False) -> str:
    """Why a lead that may qualify is not handed off."""
    if is_by_import:
        return _(
            "It qualified only by an imported file and is held back; anything new worth points from elsewhere brings it in, "
            "or whoever looks after the import hands it off."
        )
    sentences = {
        "cool_down": _("It was in the queue before and cools down until %(until)s."),
        "quiet": _(
            "It qualified only by a new version of the matrix and is held back; anything new worth points brings it in, or "
            "whoever published the version hands it off."
        ),
        "decided": _("It was decided for good."),
    }
    return sentences[reason] % {"until": date_format(localtime(until), "DATE_FORMAT") if until else _("further notice")}


def labels_of(criteria: Sequence[Criterion]) -> dict[str, str]:
    """What a matrix calls its criteria, by key."""
    return {criterion.key: criterion.label for criterion in criteria}
