"""The facts of a lead as a person edits them, a card at a time. Only what was changed is sent on.

Each field carries what it showed when the form was opened, so that a change by somebody else meanwhile is told from a
change of one's own; where both changed the same field, the form comes back with both values and asks which is right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from crm.facts_shown import QUALIFICATION, SENIORITIES, department_label, qualification_label
from crm.forms.custom import CustomInput, custom_inputs, custom_value, yes_no_field, yes_no_initial
from crm.identity import department_of, read_email, seniority_of
from crm.identity.countries import country_names
from crm.identity.titles import DEPARTMENTS
from crm.models import AttributeDefinition, Lead
from kernel.errors import Problem

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that somebody else changed while the form was open."""

    name: str
    label: str
    mine: object
    theirs: object


class FactsForm(forms.Form):
    """Fields that remember what they showed. `revision` is the lead's when the form was opened."""

    def __init__(self, data: QueryDict | None = None, *, revision: int | None = None) -> None:
        super().__init__(data, initial={"revision": revision})
        if revision is not None:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)
        self.conflicts: list[Conflict] = []
        # The lead whose address was typed, where the asker may see it.
        self.taken_by: Lead | None = None

    def add(self, name: str, field: forms.Field, initial: object) -> None:
        field.show_hidden_initial = True
        self.fields[name] = field
        self.initial[name] = initial

    def touched(self) -> list[str]:
        """What differs from what was shown, without what its sender gave up in favour of somebody else's value."""
        return [
            name
            for name in self.changed_data
            if name != "revision" and name in self.data and self.data.get(f"keep-{name}") != THEIRS
        ]

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put a service's problems beside the fields they are about."""
        for problem in problems:
            name = ".".join(problem.pointer.split("/")[1:3]).replace("~1", "/").replace("~0", "~")
            self.add_error(name if name in self.fields else None, problem.detail)

    def overtaken(self) -> list[Conflict]:
        """Fields changed here that by now show something else than when the form was opened."""
        return [
            Conflict(
                name=name,
                label=str(self.fields[name].label),
                mine=self._shown(name, self.data.get(name)),
                theirs=self._shown(name, self.initial.get(name)),
            )
            for name in self.touched()
            if self._was(name) != self._text(name, self.initial.get(name))
            and self.data.get(name) != self._text(name, self.initial.get(name))
        ]

    def asked_again(self, sent: QueryDict) -> QueryDict:
        """What was typed, over what is there now: fields that were not touched show what somebody else wrote."""
        data = sent.copy()
        touched = set(self.touched())
        for name in self.fields:
            text = self._text(name, self.initial.get(name))
            data[self.add_initial_prefix(name)] = text
            if name not in touched:
                data[name] = text
        return data

    def _was(self, name: str) -> str:
        return str(self.data.get(self.add_initial_prefix(name), ""))

    def _text(self, name: str, value: object) -> str:
        """A value as its input would send it."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(value or "")
        return str(field.widget.format_value(field.prepare_value(value)) or "")

    def _shown(self, name: str, value: object) -> str:
        field = self.fields[name]
        text = self._text(name, value)
        if isinstance(field, forms.ChoiceField):
            labels = dict(cast("Iterable[tuple[str, object]]", field.choices))
            return str(labels.get(text, text))
        return text


class PersonForm(FactsForm):
    """Who they are. The owner is offered to those only who may give leads away."""

    def __init__(self, data: QueryDict | None = None, *, lead: Lead, owners: Mapping[str, str] | None = None) -> None:
        super().__init__(data, revision=lead.revision)
        for name, label, longest, kind in (
            ("first_name", _("First name"), 200, "text"),
            ("last_name", _("Last name"), 200, "text"),
            ("email", _("Email"), 320, "email"),
            ("phone", _("Phone"), 60, "tel"),
            ("title", _("Title"), 300, "text"),
        ):
            self.add(name, _text(label, longest, kind), getattr(lead, name))
        by_title = seniority_of(lead.title), department_of(lead.title)
        self._add_derived("seniority", _("Seniority"), SENIORITIES, lead.seniority, by_title[0])
        departments = {each: department_label(each) for each in DEPARTMENTS}
        self._add_derived("department", _("Department"), departments, lead.department, by_title[1])
        self.add("city", _text(_("City"), 200), lead.city)
        self.add("state", _text(_("State or region"), 200), lead.state)
        self.add("country", country_field(lead.country), lead.country)
        self.add("source", _text(_("Source"), 200), lead.source)
        self.add("consent", yes_no_field(_("Consent")), yes_no_initial(lead.consent))
        if owners is not None:
            choices = [("", _("nobody yet")), *owners.items()]
            owner = lead.owner.email if lead.owner else ""
            self.add("owner", forms.ChoiceField(required=False, choices=choices, label=_("Owner")), owner)

    def _add_derived(self, name: str, label: str, known: Mapping[str, Any], value: str, derived: str) -> None:
        """Blank means: as the title says."""
        shown = known.get(derived, derived)
        blank = _("by the title: %(what)s") % {"what": shown} if derived else _("by the title")
        choices = [("", blank), *known.items()]
        if value and value not in known:
            choices.append((value, value))
        field = forms.ChoiceField(required=False, choices=choices, label=label)
        self.add(name, field, "" if value == derived else value)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if email and "email" in self.changed_data and not read_email(email).key:
            raise forms.ValidationError(_("This is no email address. Write one such as ann@acme.example."))
        return email

    def values(self) -> dict[str, object]:
        """What `lead_update` is sent."""
        sent = {name: self.cleaned_data[name] for name in self.touched()}
        if "consent" in sent:
            sent["consent"] = {"yes": True, "no": False}.get(sent["consent"])
        return sent


class CustomForm(FactsForm):
    """Names of one group, `attributes` or `qualification`, each by its type."""

    def __init__(self, data: QueryDict | None = None, *, revision: int, group: str, inputs: list[CustomInput]) -> None:
        super().__init__(data, revision=revision)
        self.group = group
        self.types = {each.name: each.type for each in inputs}
        for each in inputs:
            self.add(each.name, each.field, each.initial)

    def values(self) -> dict[str, object]:
        group = {
            name.removeprefix(f"{self.group}."): custom_value(self.types[name], self.cleaned_data[name])
            for name in self.touched()
        }
        return {self.group: group} if group else {}


class LeadCompanyForm(FactsForm):
    """Where they work: a company that is known, by its name or domain, or a new one."""

    def __init__(self, data: QueryDict | None = None, *, lead: Lead) -> None:
        super().__init__(data, revision=lead.revision)
        company = forms.CharField(
            required=False,
            max_length=300,
            label=_("Company"),
            help_text=_("Name or domain. Choose one that is offered, or write a new one. Empty: none."),
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "list": "company-options",
                    "hx-get": reverse("company-options"),
                    "hx-trigger": "input changed delay:300ms",
                    "hx-target": "#company-options",
                    "hx-swap": "innerHTML",
                    "hx-sync": "this:replace",
                }
            ),
        )
        self.add("company", company, company_option(lead.company) if lead.company else "")


def attributes_form(data: QueryDict | None, lead: Lead, definitions: Iterable[AttributeDefinition]) -> CustomForm:
    inputs = custom_inputs("attributes", definitions, lead.attributes)
    return CustomForm(data, revision=lead.revision, group="attributes", inputs=inputs)


def qualification_form(data: QueryDict | None, lead: Lead) -> CustomForm:
    """The four that a conversation should find out, then the team's own."""
    asked = [AttributeDefinition(key=name, label=qualification_label(name)) for name in QUALIFICATION]
    for each in asked:
        value = lead.qualification.get(each.key)
        if isinstance(value, bool):
            each.type = AttributeDefinition.Type.BOOLEAN
        elif isinstance(value, int | float):
            each.type = AttributeDefinition.Type.NUMBER
        elif isinstance(value, list):
            each.type = AttributeDefinition.Type.LIST
    inputs = custom_inputs("qualification", asked, lead.qualification)
    return CustomForm(data, revision=lead.revision, group="qualification", inputs=inputs)


def country_field(now: str) -> forms.ChoiceField:
    choices = [("", _("not known")), *country_names(get_language() or "en")]
    if now and now not in dict(choices):
        choices.append((now, now))
    return forms.ChoiceField(required=False, choices=choices, label=_("Country"))


def company_option(company: Any) -> str:
    """How a company is named where one is chosen: told from its namesakes by its number."""
    return f"{company} (#{company.pk})"


def owner_choices(people: Iterable[User], now: User | None) -> dict[str, str]:
    """By sign-in address: everybody who may be given a lead, and whoever has it now."""
    found = {person.email: str(person) for person in people}
    if now is not None:
        found.setdefault(now.email, str(now))
    return found


def _text(label: str, longest: int, kind: str = "text") -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=longest,
        label=label,
        widget=forms.TextInput(attrs={"type": kind, "autocomplete": "off"}),
    )
