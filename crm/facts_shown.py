"""What a person reads about a lead: fields in a reading order, the unknown among them, so that a rep sees what to ask."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.models import Lead

SENIORITIES = {
    "c_level": gettext_lazy("C-level"),
    "vp": gettext_lazy("VP"),
    "director": gettext_lazy("director"),
    "manager": gettext_lazy("manager"),
    "individual": gettext_lazy("individual contributor"),
    "student": gettext_lazy("student"),
}
# The four a conversation should find out, in the order a rep asks them; the team's own follow.
QUALIFICATION = ("budget", "authority", "need", "timing")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One field: its name for people and its value, None where nobody knows it yet.

    `is_asked`: a rep could ask the lead for it; what is derived or ours is not asked for.
    """

    label: str
    value: object
    is_asked: bool = False


@dataclass(frozen=True, kw_only=True)
class FactsShown:
    """The fields of a lead in four parts."""

    person: list[Fact]
    company: list[Fact]
    qualification: list[Fact]
    attributes: list[Fact]


def facts_shown(lead: Lead, *, is_masked: bool) -> FactsShown:
    """All a lead's fields; of a masked one nothing by which the person could be told."""
    return FactsShown(
        person=_person(lead, is_masked=is_masked),
        company=_company(lead),
        qualification=_qualification(lead),
        attributes=[]
        if is_masked
        else [*_named(lead.attributes), *_named(lead.company.attributes if lead.company else {})],
    )


def _fact(label: str, value: object, *, ask: bool = False) -> Fact:
    if isinstance(value, int) and not isinstance(value, bool):
        value = number_format(value, force_grouping=True)
    return Fact(label=label, value=None if value is None or value in ("", []) else value, is_asked=ask)


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else _("yes") if value else _("no")


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _person(lead: Lead, *, is_masked: bool) -> list[Fact]:
    contact = (
        []
        if is_masked
        else [
            _fact(_("Email"), lead.email),
            _fact(_("Phone"), lead.phone, ask=True),
            _fact(_("Place"), _joined(lead.city, lead.state, lead.country), ask=True),
        ]
    )
    return [
        *contact,
        _fact(_("Title"), lead.title, ask=True),
        _fact(_("Seniority"), str(SENIORITIES.get(lead.seniority, lead.seniority)), ask=True),
        _fact(_("Department"), lead.department.replace("_", " "), ask=True),
        _fact(_("Kind of email"), lead.email_kind),
        _fact(pgettext("how a lead came", "Source"), lead.source),
        _fact(_("Consent"), _yes_no(lead.consent), ask=True),
        _fact(_("Owner"), lead.owner or _("nobody yet")),
    ]


def _company(lead: Lead) -> list[Fact]:
    company = lead.company
    if company is None:
        return []
    return [
        _fact(_("Name"), company.name),
        _fact(_("Domain"), company.domain),
        _fact(_("Industry"), company.industry),
        _fact(_("Country"), company.country),
        _fact(_("Employees"), company.employees),
        _fact(_("Revenue"), company.revenue),
        _fact(_("Technologies"), ", ".join(company.technologies)),
    ]


def _qualification(lead: Lead) -> list[Fact]:
    labels = {"budget": _("Budget"), "authority": _("Authority"), "need": _("Need"), "timing": _("Timing")}
    asked = [_fact(labels[name], _shown(lead.qualification.get(name)), ask=True) for name in QUALIFICATION]
    own = {name: value for name, value in lead.qualification.items() if name not in QUALIFICATION}
    return [*asked, *_named(own)]


def _named(values: Mapping[str, object]) -> list[Fact]:
    return [_fact(name.replace("_", " ").capitalize(), _shown(value)) for name, value in sorted(values.items())]


def _shown(value: object) -> object:
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, list):
        return ", ".join(str(member) for member in value)
    return value
