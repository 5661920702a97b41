"""Which of two values stays when two leads become one: the survivor's, filled from the other, unless somebody chose. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from crm.services.history import changes_between
from crm.services.lead_fields import is_blank
from kernel.errors import BadRequestError

SURVIVOR: Final = "survivor"
MERGED: Final = "merged"

# Facts that come together, chosen and filled by the first of each group.
_GROUPS: Final = (
    ("email", "email_domain", "email_kind"),
    ("title", "seniority", "department"),
    ("phone", "phone_kind"),
)
_LEADER: Final = {field: group[0] for group in _GROUPS for field in group}
_MEMBERS: Final = {group[0]: group for group in _GROUPS}
_NOT_CHOSEN: Final = frozenset({"merged_into", "is_suspect"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field, or a group under its first field, in which two leads differ; `stays` is what happens unless somebody chooses."""

    field: str
    survivor: object
    merged: object
    stays: str


def differences(survivor: Mapping[str, object], merged: Mapping[str, object]) -> list[Difference]:
    """The fields to choose from, in the order facts are read."""
    changed = {_LEADER.get(change.field, change.field) for change in changes_between(survivor, merged)} - _NOT_CHOSEN
    filled = fillings(survivor, merged)
    return [
        Difference(
            field=field,
            survivor=survivor.get(field),
            merged=merged.get(field),
            stays=MERGED if field in filled else SURVIVOR,
        )
        for field in dict.fromkeys([*survivor, *merged])
        if field in changed
    ]


def fillings(survivor: Mapping[str, object], merged: Mapping[str, object]) -> dict[str, object]:
    """What the survivor takes over by itself: each fact, or group of facts, of which it knows nothing."""
    return {
        field: value
        for field, value in merged.items()
        if field not in _NOT_CHOSEN
        and not is_blank(value)
        and is_blank(survivor.get(_LEADER.get(field, field)))
        and is_blank(survivor.get(field))
    }


def takings(
    survivor: Mapping[str, object], merged: Mapping[str, object], choices: Mapping[str, str]
) -> dict[str, object]:
    """What the survivor takes over once these choices are made; a field that nobody chose is filled as ever.

    Raises BadRequestError for a choice that is none.
    """
    known = {_LEADER.get(field, field) for field in (*survivor, *merged)} - _NOT_CHOSEN
    for field, choice in choices.items():
        if field not in known or choice not in {SURVIVOR, MERGED}:
            raise BadRequestError(
                _("There is no choice “%(choice)s” for the field “%(field)s”. Open the page again and choose anew.")
                % {"choice": choice, "field": field},
                code="unknown_choice",
            )
    taken = {
        field: value for field, value in fillings(survivor, merged).items() if _LEADER.get(field, field) not in choices
    }
    for field, choice in choices.items():
        if choice == MERGED:
            taken |= {member: merged.get(member) for member in _MEMBERS.get(field, (field,))}
    return taken
