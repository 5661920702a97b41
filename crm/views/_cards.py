"""The cards of facts on the lead page, and what changes around them when one is edited."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.asked import page_asked_from
from accounts.models import User
from accounts.rights import Action, may, sees_personal_data
from crm.facts_shown import Fact, facts_shown
from crm.models import Lead, Work
from crm.services.attributes import attribute_types
from kernel import slots

# Where panels stand that show what follows from the facts.
FOLLOWING_SLOTS = ("lead.header", "lead.main", "lead.side")
PARTS = ("qualification", "person", "company", "attributes")


@dataclass(frozen=True, kw_only=True)
class Card:
    """One card: `part` names it in addresses; without facts it is shown only where they could be filled in."""

    part: str
    title: str
    symbol: str
    facts: list[Fact] = field(repr=False)
    may_edit: bool


def fact_cards(lead: Lead, user: User) -> list[Card]:
    """The cards that this person sees, in the order of the page."""
    is_masked = not sees_personal_data(user.role)
    shown = facts_shown(lead, is_masked=is_masked, types=attribute_types())
    edits = may(user.role, Action.LEAD_EDIT)
    cards = [
        Card(part="qualification", title=_("Qualification"), symbol="chat", facts=shown.qualification, may_edit=edits),
        Card(part="person", title=_("Person"), symbol="user", facts=shown.person, may_edit=edits),
        Card(part="company", title=_("Company"), symbol="building", facts=shown.company, may_edit=edits),
        Card(
            part="attributes",
            title=_("More"),
            symbol="file",
            facts=shown.attributes,
            may_edit=edits and bool(shown.attributes),
        ),
    ]
    return [card for card in cards if card.facts or card.may_edit]


def card_context(request: HttpRequest, lead: Lead, user: User, part: str) -> dict[str, Any]:
    """One card, with the head of the page and whether the score is behind, which change with it."""
    card = next((each for each in fact_cards(lead, user) if each.part == part), None)
    return {"lead": lead, "card": card, **identity_context(request, lead, user)}


def identity_context(request: HttpRequest, lead: Lead, user: User) -> dict[str, Any]:
    return {
        "is_masked": not sees_personal_data(user.role),
        "panels": [panel for name in FOLLOWING_SLOTS for panel in slots.panels(name)],
        "is_waiting": Work.objects.filter(lead=lead).exists(),
        # The model chosen on the page, for the panels that are fetched again.
        "asked": page_asked_from(request).query if "HX-Current-URL" in request.headers else request.GET.urlencode(),
    }
