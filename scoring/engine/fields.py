"""The fields a condition may name, the kind each has, and the ops that work on each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from scoring.engine.countries import COUNTRIES

FieldKind: TypeAlias = Literal["text", "number", "boolean", "list", "path", "free"]
#: Who a condition speaks of: a lead with its company, or one activity.
Scope: TypeAlias = Literal["lead", "activity"]

EQUALITY_OPS: Final = ("is", "in")
TEXT_OPS: Final = ("contains", "starts_with", "ends_with", "has_word")
PATH_OPS: Final = ("path_is", "path_starts_with")
ORDER_OPS: Final = ("gt", "gte", "lt", "lte")
LIST_OPS: Final = ("has_any", "has_all")

OPS: Final[Mapping[FieldKind, tuple[str, ...]]] = {
    "text": (*EQUALITY_OPS, *TEXT_OPS, "is_known"),
    "path": (*EQUALITY_OPS, *TEXT_OPS, *PATH_OPS, "is_known"),
    "number": (*EQUALITY_OPS, *ORDER_OPS, "between", "is_known"),
    "boolean": (*EQUALITY_OPS, "is_known"),
    "list": (*LIST_OPS, "is_known"),
    # As the value is: every op but those for paths.
    "free": (*EQUALITY_OPS, *TEXT_OPS, *ORDER_OPS, "between", "years_between", *LIST_OPS, "is_known"),
}
ALL_OPS: Final = (*OPS["free"][:-1], *PATH_OPS, "is_known")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """`choices` are the only values the field ever has, empty where any may stand."""

    kind: FieldKind
    choices: tuple[str, ...] = ()


_TEXT: Final = Field(kind="text")
_FREE: Final = Field(kind="free")
_COUNTRY: Final = Field(kind="text", choices=COUNTRIES)

LEAD_FIELDS: Final[Mapping[str, Field]] = {
    "email": _TEXT,
    "email_domain": _TEXT,
    "first_name": _TEXT,
    "last_name": _TEXT,
    "title": _TEXT,
    "department": _TEXT,
    "phone": _TEXT,
    "state": _TEXT,
    "city": _TEXT,
    "source": _TEXT,
    "email_kind": Field(kind="text", choices=("work", "free", "disposable", "academic", "role", "invalid")),
    "phone_kind": Field(kind="text", choices=("mobile", "fixed", "other")),
    "seniority": Field(kind="text", choices=("c_level", "vp", "director", "manager", "individual", "student")),
    "country": _COUNTRY,
    "created_days": Field(kind="number"),
    "consent": Field(kind="boolean"),
    "is_suspect": Field(kind="boolean"),
}
COMPANY_FIELDS: Final[Mapping[str, Field]] = {
    "name": _TEXT,
    "domain": _TEXT,
    "industry": _TEXT,
    "country": _COUNTRY,
    "employees": Field(kind="number"),
    "revenue": Field(kind="number"),
    "technologies": Field(kind="list"),
}
ACTIVITY_FIELDS: Final[Mapping[str, Field]] = {
    "url": Field(kind="path"),
    "subject": _TEXT,
    "value": Field(kind="number"),
    "source": _TEXT,
}

#: Named values of the team's own, by the fact they belong to.
LEAD_MAPS: Final = ("qualification", "attributes")
COMPANY_MAPS: Final = ("attributes",)
ACTIVITY_MAPS: Final = ("properties",)

PREFIXES: Final[Mapping[Scope, tuple[str, ...]]] = {"lead": ("lead.", "company."), "activity": ("activity.",)}

_FIXED: Final[Mapping[Scope, Mapping[str, Field]]] = {
    "lead": {f"lead.{name}": field for name, field in LEAD_FIELDS.items()}
    | {f"company.{name}": field for name, field in COMPANY_FIELDS.items()},
    "activity": {f"activity.{name}": field for name, field in ACTIVITY_FIELDS.items()},
}
_FREE_PREFIXES: Final[Mapping[Scope, tuple[str, ...]]] = {
    "lead": (*(f"lead.{name}." for name in LEAD_MAPS), *(f"company.{name}." for name in COMPANY_MAPS)),
    "activity": tuple(f"activity.{name}." for name in ACTIVITY_MAPS),
}


def field_named(name: str, scope: Scope) -> Field | None:
    """The field of this full name such as `lead.title` or `company.attributes.tier`; None where there is none."""
    fixed = _FIXED[scope].get(name)
    if fixed is not None:
        return fixed
    for prefix in _FREE_PREFIXES[scope]:
        if name.startswith(prefix) and name[len(prefix) :].strip():
            return _FREE
    return None
