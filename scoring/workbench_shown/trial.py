"""One lead under the published version and under the draft: two cards, and what differs between them first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Activity
from crm.queries import LeadFacts, facts_for_leads
from kernel.errors import ConflictError, InvalidError
from scoring.card_shown import CardShown, LineShown, card_shown
from scoring.engine import Facts, InvalidFacts, Matrix, evaluate, parse_facts, plain
from scoring.loader import compiled_version, facts_on, zone_named
from scoring.models import MatrixVersion
from scoring.services.matrices import problems_of
from scoring.wording import stage_label


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Who is tried: a lead by its id with what is known of it, or facts that somebody invented."""

    as_of: date
    lead_id: int | None = None
    known: LeadFacts | None = None
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Side:
    """The lead under one version. `shown` is None where the model is not for this lead; `applies` says whether that is
    known."""

    version: MatrixVersion
    matrix: Matrix
    card: Mapping[str, Any]
    shown: CardShown | None

    @property
    def applies(self) -> str:
        return str(self.card["applies"])

    @property
    def stage_label(self) -> str:
        return stage_label(self.card.get("stage"), self.matrix)

    @property
    def stage(self) -> str:
        return self.card.get("stage") or ""

    @property
    def dimensions(self) -> list[tuple[str, int]]:
        """By label, what each gives to the total."""
        sections = self.shown.sections if self.shown else ()
        return [(each.label, each.section.contribution) for each in sections]

    def lines(self) -> dict[tuple[str, str, str], LineShown]:
        """Every line of the card by what it is of."""
        return {
            (one.line.kind, section.section.dimension, one.line.key): one
            for section in (self.shown.sections if self.shown else ())
            for one in (*section.lines, *section.asks, *section.others)
        }


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A criterion or a limit that gives something else, or decides otherwise. None: it is not in that version."""

    label: str
    key: str
    kind: str
    before: LineShown | None
    after: LineShown | None

    @property
    def points_before(self) -> int:
        return self.before.line.contribution if self.before else 0

    @property
    def points_after(self) -> int:
        return self.after.line.contribution if self.after else 0

    @property
    def reasons(self) -> list[str]:
        """Why, in words: before and after where they differ, else once. A limit says it by its name."""
        if self.kind != "criterion":
            return []
        was, becomes = _why(self.before), _why(self.after)
        return (
            [becomes] if was == becomes else [_("before: %(why)s") % {"why": was}, _("now: %(why)s") % {"why": becomes}]
        )


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Both sides; `live` is None where nothing else is published. `asks` are what nobody knows and the draft asks for."""

    subject: Subject
    live: Side | None
    draft: Side
    differences: Sequence[Difference]

    @property
    def sides(self) -> list[Side]:
        return [each for each in (self.live, self.draft) if each]

    @property
    def asks(self) -> list[LineShown]:
        sections = self.draft.shown.sections if self.draft.shown else ()
        return [one for section in sections for one in section.asks]


def real_subject(lead_id: int, *, as_of: date | None, zone_name: str) -> Subject:
    """What is known of a lead today, or of it as it was on a day. Raises ConflictError where nothing is."""
    zone = zone_named(zone_name)
    known = facts_for_leads([lead_id], as_of=as_of, zone=zone).get(lead_id)
    if known is None:
        raise ConflictError(_("This lead was merged into another or erased: choose another."), code="no_facts")
    return Subject(as_of=as_of or timezone.now().astimezone(zone).date(), lead_id=lead_id, known=known)


def trial(version: MatrixVersion, subject: Subject, *, is_masked: bool) -> Trial:
    """The lead under the version and under the published one. Raises InvalidError for facts that are none."""
    active = version.model.active_version
    live = _side(active, subject, is_masked=is_masked) if active and active.pk != version.pk else None
    draft = _side(version, subject, is_masked=is_masked)
    return Trial(subject=subject, live=live, draft=draft, differences=_differences(live, draft) if live else [])


def _side(version: MatrixVersion, subject: Subject, *, is_masked: bool) -> Side:
    compiled = compiled_version(version_id=version.pk, checksum=version.checksum)
    written = evaluate(
        compiled, _facts(subject, compiled.zone), subject.as_of, model=version.model.slug, version=version.number
    )
    card = cast(dict[str, Any], plain(written.to_json()))
    shown = None
    if card["applies"] == "met":
        shown = card_shown(
            card,
            version.document,
            compiled.matrix,
            lead_id=subject.lead_id,
            is_masked=is_masked,
            activities=None if subject.facts is None else _invented_activities(subject.facts),
        )
    return Side(version=version, matrix=compiled.matrix, card=card, shown=shown)


def _facts(subject: Subject, zone: tzinfo) -> Facts:
    if subject.known is not None:
        return facts_on(subject.known, as_of=subject.as_of, zone=zone)
    try:
        return parse_facts(subject.facts)
    except InvalidFacts as error:
        raise InvalidError(
            _("These facts cannot be judged: mend what is listed."), code="invalid_facts", problems=problems_of(error)
        ) from error


def _invented_activities(facts: Mapping[str, Any]) -> dict[str, Activity]:
    """As if they were stored, for the words of the card; nothing is saved."""
    return {
        each["id"]: Activity(
            kind=each["kind"],
            url=str(each.get("url") or ""),
            subject=str(each.get("subject") or ""),
            occurred_at=datetime.fromisoformat(each["occurred_at"]),
        )
        for each in facts.get("activities") or ()
    }


def _differences(live: Side, draft: Side) -> list[Difference]:
    """Those that move most first."""
    before, after = live.lines(), draft.lines()
    found = [
        Difference(
            label=(after.get(place) or before[place]).label,
            key=place[2],
            kind=place[0],
            before=before.get(place),
            after=after.get(place),
        )
        for place in dict.fromkeys([*after, *before])
        if _said(before.get(place)) != _said(after.get(place))
    ]
    return sorted(found, key=lambda one: -abs(one.points_after - one.points_before))


def _said(shown: LineShown | None) -> tuple[object, ...]:
    if shown is None:
        # What is not there and what gives nothing for want of a match are told apart by no reader of a card.
        return (0, "not_met", False, False)
    line = shown.line
    decides = line.outcome == "met"
    return (line.contribution, line.outcome, decides and line.is_disqualifier, decides and line.is_fast_track)


def _why(shown: LineShown | None) -> str:
    if shown is None:
        return _("not in this version")
    line = shown.line
    if line.outcome == "disabled":
        return _("disabled")
    if line.outcome == "unknown":
        asked = ", ".join(name for name, value in shown.facts if value is None)
        return _("unknown: ask for %(fields)s") % {"fields": asked} if asked else _("unknown")
    if line.outcome == "met":
        return _("met: %(rule)s") % {"rule": shown.rule}
    return _("not met: %(rule)s") % {"rule": shown.rule}
