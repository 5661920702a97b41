"""What the menus of the criterion editor hold: fields with their operators, kinds of activity, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import available_timezones

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.identity.countries import country_names
from crm.kinds import KNOWN_KINDS
from crm.models import ActivityKind, AttributeDefinition
from scoring.engine.fields import ACTIVITY_FIELDS, COMPANY_FIELDS, LEAD_FIELDS, OPS, Field
from scoring.engine.parse_conditions import MOST_ABOVE_A_LEAF, MOST_VALUES
from scoring.engine.types import DIMENSIONS, GRADES, LEVELS
from scoring.wording import dimension_label, field_label, kind_label, value_text

# What somebody types for each op: one value, several, text (one or several), number or day, two of them, or nothing.
OPERANDS: Final = {
    "is": "one",
    "in": "many",
    "contains": "texts",
    "starts_with": "texts",
    "ends_with": "texts",
    "has_word": "texts",
    "gt": "order",
    "gte": "order",
    "lt": "order",
    "lte": "order",
    "between": "range",
    "years_between": "years",
    "has_any": "many",
    "has_all": "many",
    "path_is": "texts",
    "path_starts_with": "texts",
    "is_known": "none",
}
OP_LABELS: Final[dict[str, Promise]] = {
    "is": _("is"),
    "in": _("is one of"),
    "contains": _("contains"),
    "starts_with": _("starts with"),
    "ends_with": _("ends with"),
    "has_word": _("has the word"),
    "gt": _("is more than"),
    "gte": _("is at least"),
    "lt": _("is less than"),
    "lte": _("is at most"),
    "between": _("is between"),
    "years_between": _("is so many years ago"),
    "has_any": _("includes any of"),
    "has_all": _("includes all of"),
    "path_is": _("is the page"),
    "path_starts_with": _("is under"),
    "is_known": _("is known"),
}
#: Personal data: nobody is shown what stands in them.
PERSONAL: Final = frozenset({"lead.email", "lead.first_name", "lead.last_name", "lead.phone"})
QUALIFIED_BY: Final = ("budget", "authority", "need", "timing")
_OWN_LABELS: Final[dict[str, Promise]] = {
    "lead.qualification.": _("What sales found out"),
    "lead.attributes.": _("Custom attribute of the lead"),
    "company.attributes.": _("Custom attribute of the company"),
    "activity.properties.": _("Property of the activity"),
}
_TYPED: Final = {
    AttributeDefinition.Type.NUMBER.value: "number",
    AttributeDefinition.Type.BOOLEAN.value: "boolean",
    AttributeDefinition.Type.DATE.value: "date",
}
_CATEGORIES: Final[dict[str, Promise]] = {
    "web": _("Website"),
    "content": _("Content"),
    "email": _("Email"),
    "event": _("Events"),
    "conversation": _("Conversations"),
    "intent": _("Intent"),
    "sales": _("Sales"),
}


def editor_choices() -> dict[str, Any]:
    """All menus as JSON; the same for every version. Two queries: custom attributes and the team's own kinds."""
    definitions = list(AttributeDefinition.objects.order_by("subject", "position", "label"))
    return {
        "fields": [
            *_fixed("lead", str(_("Lead")), LEAD_FIELDS),
            *_fixed("company", str(_("Company")), COMPANY_FIELDS),
            *_fixed("activity", str(_("Activity")), ACTIVITY_FIELDS),
        ],
        "own": [
            _own("lead.qualification.", [{"name": name, "label": name} for name in QUALIFIED_BY]),
            _own("lead.attributes.", _defined(definitions, AttributeDefinition.Subject.LEAD)),
            _own("company.attributes.", _defined(definitions, AttributeDefinition.Subject.COMPANY)),
            _own("activity.properties.", []),
        ],
        "ops": {op: {"label": str(OP_LABELS[op]), "operand": operand} for op, operand in OPERANDS.items()},
        "freeOps": list(OPS["free"]),
        "kinds": kinds_known(),
        "mostAbove": MOST_ABOVE_A_LEAF,
        "mostValues": MOST_VALUES,
        "dimensions": {name: dimension_label(name) for name in DIMENSIONS},
        "zones": sorted(available_timezones() - {"localtime"}),
        "audiences": [("b2b", str(_("businesses"))), ("b2c", str(_("people for themselves")))],
        "grades": list(GRADES),
        "levels": list(LEVELS),
        "icons": static("img/icons.svg"),
    }


def kinds_known() -> list[dict[str, str]]:
    """The kinds this installation hands to the engine, with what people call them; the team's own last."""
    known = [
        {"key": kind.key, "label": kind_label(kind.key), "group": str(_CATEGORIES.get(kind.category, kind.category))}
        for kind in KNOWN_KINDS
    ]
    taken = {kind.key for kind in KNOWN_KINDS}
    own = ActivityKind.objects.exclude(key__in=taken).order_by("key").values_list("key", "label")
    return known + [{"key": key, "label": label or key, "group": str(_("Our own"))} for key, label in own]


def _fixed(subject: str, group: str, fields: Any) -> list[dict[str, Any]]:
    return [_field(f"{subject}.{name}", group, field) for name, field in fields.items()]


def _field(name: str, group: str, field: Field) -> dict[str, Any]:
    return {
        "name": name,
        "label": field_label(name),
        "group": group,
        "kind": field.kind,
        "ops": list(OPS[field.kind]),
        "choices": _choices(name, field),
        "isPersonal": name in PERSONAL,
    }


def _choices(name: str, field: Field) -> Sequence[tuple[str, str]]:
    if name.endswith(".country"):
        known = set(field.choices)
        return [(code, label) for code, label in country_names(get_language() or "en") if code in known]
    return [(choice, value_text(name, choice)) for choice in field.choices]


def _own(prefix: str, names: list[dict[str, Any]]) -> dict[str, Any]:
    return {"prefix": prefix, "label": str(_OWN_LABELS[prefix]), "names": names}


def _defined(definitions: Sequence[AttributeDefinition], subject: str) -> list[dict[str, Any]]:
    return [
        {
            "name": one.key,
            "label": one.label,
            "type": _TYPED.get(one.type, "text"),
            "choices": [(choice, choice) for choice in one.choices],
        }
        for one in definitions
        if one.subject == subject
    ]
