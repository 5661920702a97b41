"""Custom attributes that were agreed on: whether a value is of the type of its definition. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from crm.models import AttributeDefinition
from kernel.errors import Problem
from kernel.json import pointer

Type = AttributeDefinition.Type
Definitions = Mapping[str, AttributeDefinition]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class AttributeTypes:
    """The definitions by key, of leads and of companies. Names that are not among them are taken as they are sent."""

    lead: Definitions = field(default_factory=dict)
    company: Definitions = field(default_factory=dict)


UNTYPED: Final = AttributeTypes()


def attribute_problem(definition: AttributeDefinition, value: object, *path: object) -> Problem | None:
    """What is wrong with a value at this place; nothing with null, blank text and an empty list: they clear it."""
    if value is None or value == [] or (isinstance(value, str) and not value.strip()) or _fits(definition.type, value):
        if definition.type != Type.CHOICE or not isinstance(value, str):
            return None
        if not value.strip() or value in definition.choices:
            return None
        detail = _("Send one of: %(choices)s.") % {"choices": ", ".join(definition.choices)}
        return Problem(pointer=pointer(*path), code="not_a_choice", detail=detail)
    return Problem(pointer=pointer(*path), code="wrong_type", detail=_wanted(definition))


def attribute_problems(definitions: Definitions, values: object, *path: object) -> list[Problem]:
    """The same for all names sent below one place; what is no object is somebody else's problem."""
    if not definitions or not isinstance(values, Mapping):
        return []
    found = (
        attribute_problem(definitions[name], value, *path, name)
        for name, value in values.items()
        if name in definitions
    )
    return [problem for problem in found if problem is not None]


def type_guessed(values: list[object]) -> str:
    """The narrowest type that all these values are of; text where they are of none."""
    known = [value for value in values if value is not None]
    order = (Type.BOOLEAN, Type.NUMBER, Type.DATE, Type.LIST)
    return next((str(kind) for kind in order if known and all(_fits(kind, value) for value in known)), str(Type.TEXT))


def _fits(kind: str, value: object) -> bool:
    if kind == Type.NUMBER:
        return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if kind == Type.BOOLEAN:
        return isinstance(value, bool)
    if kind == Type.LIST:
        return isinstance(value, list) and all(isinstance(member, str) for member in value)
    return isinstance(value, str) and (kind != Type.DATE or _is_day(value))


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wanted(definition: AttributeDefinition) -> str:
    return {
        Type.TEXT: _("Send a text: that is what %(label)s is."),
        Type.NUMBER: _("Send a number: that is what %(label)s is."),
        Type.BOOLEAN: _("Send true or false: that is what %(label)s is."),
        Type.DATE: _("Send a date such as 2026-03-03: that is what %(label)s is."),
        Type.CHOICE: _("Send a text of the list: that is what %(label)s is."),
        Type.LIST: _("Send a list of texts: that is what %(label)s is."),
    }[Type(definition.type)] % {"label": definition.label}
