"""The columns the list can show: who may see them, what stands in a cell, and what a spreadsheet gets of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pycountry
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.facts_shown import SENIORITIES
from crm.models import AttributeDefinition
from kernel.templatetags.ui import MINUS
from scoring.ranking.page import RankedLead

NAME = "name"
DEFAULT = ("title", "company", "rating", "total", "stage", "owner", "last_activity")
# On a narrow screen the name, the rating and the total stand alone.
_ON_A_PHONE = frozenset({NAME, "rating", "total"})
_ON_A_TABLET = _ON_A_PHONE | {"company", "stage"}

Value = str | int | float | Decimal | datetime | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `kind` says how a cell is drawn: text, number, signed, time, rating, stage or name.

    `needs_score`: empty for every lead while no model is published, so it is not offered then.
    """

    key: str
    label: Any
    value: Callable[[RankedLead], Value]
    kind: str = "text"
    is_personal: bool = False
    needs_score: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in {"number", "signed", "time"}

    @property
    def shown_from(self) -> str:
        """The narrowest screen it stands on: phone, tablet or desk."""
        return "phone" if self.key in _ON_A_PHONE else "tablet" if self.key in _ON_A_TABLET else "desk"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one column says of one lead."""

    column: Column
    value: Value

    @property
    def number(self) -> str:
        """The value of a column of numbers; one that is older than its definition may be a text."""
        if isinstance(self.value, int | float | Decimal):
            return number_format(self.value, force_grouping=True).replace("-", MINUS)
        return str(self.value)


def columns_on_offer(
    *, definitions: Iterable[AttributeDefinition], is_masked: bool, has_model: bool
) -> dict[str, Column]:
    """Every column that may be chosen, by key, in the order they are offered. The name is not among them: it always stands."""
    own = [_of_attribute(definition) for definition in definitions]
    return {
        column.key: column
        for column in (*_COLUMNS, *own)
        if (has_model or not column.needs_score) and not (is_masked and column.is_personal)
    }


def columns_chosen(wanted: Iterable[str], offer: Mapping[str, Column]) -> list[Column]:
    """The columns of these keys in their order; unknown ones, and those one may not see, are left out. None: the default."""
    keys = list(dict.fromkeys(wanted)) or list(DEFAULT)
    return [offer[key] for key in keys if key in offer]


def cells_of(row: RankedLead, columns: Sequence[Column]) -> list[Cell]:
    return [Cell(column=column, value=column.value(row)) for column in columns]


def lead_name(row: RankedLead, *, is_masked: bool) -> str:
    """How the lead is called towards who looks."""
    return _("Lead %(id)s") % {"id": row.lead.pk} if is_masked else str(row.lead)


def _of_score(field: str) -> Callable[[RankedLead], Value]:
    return lambda row: getattr(row.score, field) if row.score else None


def _of_company(field: str) -> Callable[[RankedLead], Value]:
    return lambda row: getattr(row.lead.company, field) if row.lead.company else None


def _country(row: RankedLead) -> Value:
    found = pycountry.countries.get(alpha_2=row.lead.country) if row.lead.country else None
    return found.name if found else row.lead.country


def _of_attribute(definition: AttributeDefinition) -> Column:
    is_company = definition.subject == AttributeDefinition.Subject.COMPANY

    def value(row: RankedLead) -> Value:
        holder = row.lead.company if is_company else row.lead
        return _plain(holder.attributes.get(definition.key)) if holder else None

    is_number = definition.type == AttributeDefinition.Type.NUMBER
    return Column(
        key=f"{definition.subject}.{definition.key}",
        label=definition.label,
        value=value,
        kind="number" if is_number else "text",
        is_personal=True,
    )


def _plain(value: object) -> Value:
    """A value of an attribute for people: it may be older than its definition, so of any type."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if value is None or isinstance(value, int | float | Decimal) else str(value)


_COLUMNS = (
    Column(key="title", label=gettext_lazy("Title"), value=lambda row: row.lead.title),
    Column(
        key="company",
        label=gettext_lazy("Company"),
        value=lambda row: str(row.lead.company) if row.lead.company else None,
    ),
    Column(key="rating", label=gettext_lazy("Rating"), value=_of_score("rating"), kind="rating", needs_score=True),
    Column(key="total", label=gettext_lazy("Total"), value=_of_score("total"), kind="number", needs_score=True),
    Column(
        key="percentile",
        label=gettext_lazy("Higher than, in %"),
        value=lambda row: row.percentile,
        kind="number",
        needs_score=True,
    ),
    Column(key="fit", label=gettext_lazy("Fit"), value=_of_score("fit"), kind="number", needs_score=True),
    Column(
        key="behavior", label=gettext_lazy("Behavior"), value=_of_score("behavior"), kind="number", needs_score=True
    ),
    Column(
        key="trend",
        label=gettext_lazy("Change in 7 days"),
        value=lambda row: row.trend,
        kind="signed",
        needs_score=True,
    ),
    Column(key="stage", label=gettext_lazy("Stage"), value=_of_score("stage"), kind="stage", needs_score=True),
    Column(key="owner", label=gettext_lazy("Owner"), value=lambda row: str(row.lead.owner) if row.lead.owner else None),
    Column(key="country", label=gettext_lazy("Country"), value=_country),
    Column(key="city", label=gettext_lazy("City"), value=lambda row: row.lead.city, is_personal=True),
    Column(key="source", label=pgettext_lazy("how a lead came", "Source"), value=lambda row: row.lead.source),
    Column(
        key="seniority",
        label=gettext_lazy("Seniority"),
        value=lambda row: str(SENIORITIES.get(row.lead.seniority, row.lead.seniority)),
    ),
    Column(key="email", label=gettext_lazy("Email"), value=lambda row: row.lead.email, is_personal=True),
    Column(key="phone", label=gettext_lazy("Phone"), value=lambda row: row.lead.phone, is_personal=True),
    Column(key="employees", label=gettext_lazy("Employees"), value=_of_company("employees"), kind="number"),
    Column(key="industry", label=gettext_lazy("Industry"), value=_of_company("industry")),
    Column(key="created", label=gettext_lazy("Created"), value=lambda row: row.lead.created_at, kind="time"),
    Column(
        key="last_activity",
        label=gettext_lazy("Last activity"),
        value=lambda row: row.last_activity_at,
        kind="time",
    ),
)
