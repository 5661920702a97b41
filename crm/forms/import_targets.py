"""What a column of a file may fill, in the words of people and in groups."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.kinds import KNOWN_KINDS
from crm.models import AttributeDefinition

Choice: TypeAlias = tuple[str, str | Promise]
Group: TypeAlias = tuple[str | Promise, Sequence[Choice]]

KEPT: Final = "kept"
NEW: Final = {"new:lead": "attributes.", "new:company": "company.attributes.", "new:property": "properties."}
NEW_TYPES: Final[Sequence[Choice]] = (
    ("text", _("text")),
    ("number", _("number")),
    ("boolean", _("yes or no")),
    ("date", _("date")),
    ("list", _("list of texts")),
)
_LEAD: Final[Sequence[Choice]] = (
    ("email", _("email")),
    ("external_id", _("id in the feed")),
    ("other_id", _("id of another system")),
    ("name", _("first and last name")),
    ("first_name", _("first name")),
    ("last_name", _("last name")),
    ("title", _("title")),
    ("seniority", _("seniority")),
    ("department", _("department")),
    ("phone", _("phone")),
    ("country", _("country")),
    ("state", _("state")),
    ("city", _("city")),
    ("source", _("source")),
    ("consent", _("consent")),
    ("owner", _("owner, by their email")),
)
_COMPANY: Final[Sequence[Choice]] = (
    ("company.name", _("company name")),
    ("company.domain", _("company domain")),
    ("company.industry", _("industry")),
    ("company.country", _("country of the company")),
    ("company.employees", _("employees")),
    ("company.revenue", _("revenue")),
    ("company.technologies", _("technologies")),
)
_QUALIFICATION: Final[Sequence[Choice]] = (
    ("qualification.budget", _("budget")),
    ("qualification.authority", _("authority")),
    ("qualification.need", _("need")),
    ("qualification.timing", _("timing")),
)
_OUTCOME: Final[Sequence[Choice]] = (
    ("outcome.state", _("won, lost or open")),
    ("outcome.at", _("day of the outcome")),
    ("outcome.amount", _("amount of the deal")),
    ("outcome.origin", _("origin of the deal")),
)
_WHO: Final[Sequence[Choice]] = (
    ("lead.email", _("email")),
    ("lead.external_id", _("id in the feed")),
    ("visitor", _("visitor, an id of the browser")),
)
_WHAT: Final[Sequence[Choice]] = (
    ("kind", _("kind of activity")),
    ("occurred_at", _("day or time")),
    ("message_id", _("id of the activity")),
    ("url", _("address of the page")),
    ("subject", _("subject")),
    ("value", _("value")),
    ("source", _("source")),
    ("new:property", _("further property")),
)
KINDS: Final[Sequence[Choice]] = tuple((kind.key, kind.label) for kind in KNOWN_KINDS if not kind.is_own)


_STARTS: Final = (
    ("attributes.", _("attribute %(name)s")),
    ("company.attributes.", _("attribute %(name)s of the company")),
    ("qualification.", _("qualification %(name)s")),
    ("properties.", _("property %(name)s")),
)


def target_groups(about: str, definitions: Iterable[AttributeDefinition], further: Iterable[str]) -> list[Group]:
    """All there is to choose from, for files about leads or activities. `further` are targets that have no name here."""
    if about == "activities":
        groups: list[Group] = [(_("Who did it"), _WHO), (_("What they did"), _WHAT)]
    else:
        known = list(definitions)
        groups = [
            (_("Lead"), _LEAD),
            (_("Company"), [*_COMPANY, *_custom(known, AttributeDefinition.Subject.COMPANY, "company.attributes.")]),
            (
                _("Custom attributes"),
                [
                    *_custom(known, AttributeDefinition.Subject.LEAD, "attributes."),
                    ("new:lead", _("new attribute of the lead")),
                    ("new:company", _("new attribute of the company")),
                ],
            ),
            (_("Qualification"), _QUALIFICATION),
            (_("Activity, on the day in this column"), [(f"happened:{kind}", label) for kind, label in KINDS]),
            (_("Outcome"), _OUTCOME),
        ]
    named = {value for _label, choices in groups for value, _text in choices} | {"", KEPT}
    others: list[Choice] = [(value, target_named(value)) for value in dict.fromkeys(further) if value not in named]
    return [*groups, *([(_("As suggested"), others)] if others else [])]


def target_named(target: str) -> str:
    """A target that has no name of its own in words: `attributes.shoe_size` is a custom attribute."""
    for start, words in _STARTS:
        if target.startswith(start):
            return words % {"name": target.removeprefix(start)}
    return target


def target_labels(groups: Iterable[Group]) -> dict[str, str]:
    """Each target and what it is called."""
    return {value: str(label) for _group, choices in groups for value, label in choices}


def _custom(definitions: Iterable[AttributeDefinition], subject: str, start: str) -> list[Choice]:
    return [(f"{start}{each.key}", each.label) for each in definitions if each.subject == subject]
