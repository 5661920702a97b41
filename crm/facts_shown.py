"""What a person reads about a lead: fields in a reading order, the unknown among them, so that a rep sees what to ask."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.ingestion.attribute_types import UNTYPED, AttributeTypes, Definitions, attribute_problem
from crm.models import AttributeDefinition, Company, Lead

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

    `is_asked`: a rep could ask the lead for it; what is derived or ours is not asked for. `hint` says what is odd about it.
    """

    label: str
    value: object
    is_asked: bool = False
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class FactsShown:
    """The fields of a lead in four parts."""

    person: list[Fact]
    company: list[Fact]
    qualification: list[Fact]
    attributes: list[Fact]


def facts_shown(lead: Lead, *, is_masked: bool, types: AttributeTypes = UNTYPED) -> FactsShown:
    """All a lead's fields; of a masked one nothing by which the person could be told.

    Attributes that were agreed on stand in their order, known or not; the others follow by name.
    """
    return FactsShown(
        person=_person(lead, is_masked=is_masked),
        company=company_facts_shown(lead.company, is_masked=is_masked, types=types) if lead.company else [],
        qualification=_qualification(lead),
        attributes=[] if is_masked else attributes_shown(lead.attributes, types.lead),
    )


def company_facts_shown(company: Company, *, is_masked: bool, types: AttributeTypes = UNTYPED) -> list[Fact]:
    """All a company's fields, but for those whom it belongs to and below whom it stands."""
    return [
        _fact(_("Name"), company.name),
        _fact(_("Domain"), company.domain),
        _fact(_("Industry"), company.industry),
        _fact(_("Country"), company.country),
        _fact(_("Employees"), company.employees),
        _fact(_("Revenue"), company.revenue),
        _fact(_("Technologies"), ", ".join(company.technologies)),
        *([] if is_masked else attributes_shown(company.attributes, types.company)),
    ]


def attributes_shown(values: Mapping[str, object], definitions: Definitions) -> list[Fact]:
    """Custom attributes: the agreed ones in their order with what does not fit marked, then the others by name."""
    agreed = sorted(definitions.values(), key=lambda one: (one.position, one.label, one.key))
    shown = [
        replace(_fact(one.label, value_shown(values.get(one.key)), ask=True), hint=misfit(one, values.get(one.key)))
        for one in agreed
    ]
    return [*shown, *_named({name: value for name, value in values.items() if name not in definitions})]


def misfit(definition: AttributeDefinition, value: object) -> str:
    """Why a stored value does not fit its definition; empty where it does."""
    if attribute_problem(definition, value) is None:
        return ""
    kind = definition.get_type_display()
    return _("Not of the type “%(type)s”: it came in before the attribute was given one.") % {"type": kind}


def department_label(department: str) -> str:
    return department.replace("_", " ")


def qualification_label(name: str) -> str:
    """What a conversation finds out, by name."""
    labels = {"budget": _("Budget"), "authority": _("Authority"), "need": _("Need"), "timing": _("Timing")}
    return labels.get(name, name.replace("_", " ").capitalize())


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
        _fact(_("Department"), department_label(lead.department), ask=True),
        _fact(_("Kind of email"), lead.email_kind),
        _fact(pgettext("how a lead came", "Source"), lead.source),
        _fact(_("Consent"), _yes_no(lead.consent), ask=True),
        _fact(_("Owner"), lead.owner or _("nobody yet")),
    ]


def _qualification(lead: Lead) -> list[Fact]:
    asked = [
        _fact(qualification_label(name), value_shown(lead.qualification.get(name)), ask=True) for name in QUALIFICATION
    ]
    own = {name: value for name, value in lead.qualification.items() if name not in QUALIFICATION}
    return [*asked, *_named(own)]


def _named(values: Mapping[str, object]) -> list[Fact]:
    return [_fact(name.replace("_", " ").capitalize(), value_shown(value)) for name, value in sorted(values.items())]


def value_shown(value: object) -> object:
    """A stored value as a person reads it."""
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, list):
        return ", ".join(str(member) for member in value)
    return value


def fact_label(field: str) -> str:
    """A field of the history by the name the cards have for it."""
    group, dot, name = field.partition(".")
    if dot:
        return qualification_label(name) if group == "qualification" else name.replace("_", " ").capitalize()
    if field in {"source", "parent"}:
        return pgettext("how a lead came", "Source") if field == "source" else _("Parent company")
    model = Lead if field in {known.name for known in Lead._meta.fields} else Company
    known = {each.name: each for each in model._meta.fields}.get(field)
    return capfirst(str(known.verbose_name)) if known else field
