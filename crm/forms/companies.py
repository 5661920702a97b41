"""What people type about companies: what to look for, their facts, their parent."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from crm.forms.custom import custom_inputs, custom_value
from crm.forms.facts import FactsForm, country_field, owner_choices
from crm.models import AttributeDefinition, Company

SIZES: Mapping[str, tuple[int, int | None]] = {
    "1-10": (1, 10),
    "11-50": (11, 50),
    "51-250": (51, 250),
    "251-1000": (251, 1_000),
    "1001-": (1_001, None),
}
_SELECT = {"class": "select"}


class CompanyFilterForm(forms.Form):
    """The filters of the list. What cannot be read filters nothing: an old link still shows a list."""

    search = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "type": "search",
                "placeholder": gettext_lazy("Name or domain"),
                "aria-label": gettext_lazy("Search"),
            }
        ),
    )
    industry = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"class": "input", "placeholder": gettext_lazy("Industry"), "aria-label": gettext_lazy("Industry")}
        ),
    )
    country = forms.ChoiceField(required=False, widget=forms.Select(attrs=_SELECT))
    size = forms.ChoiceField(required=False, widget=forms.Select(attrs=_SELECT))
    owner = forms.ChoiceField(required=False, widget=forms.Select(attrs=_SELECT))

    def __init__(self, data: QueryDict, *, countries: Iterable[tuple[str, str]], owners: Iterable[User]) -> None:
        super().__init__(data)
        sizes = [
            (key, _("%(from)s to %(to)s people") % {"from": low, "to": high} if high else _("over 1,000 people"))
            for key, (low, high) in SIZES.items()
        ]
        self._choose("country", _("Any country"), countries)
        self._choose("size", _("Any size"), sizes)
        self._choose("owner", _("Any owner"), [(str(owner.pk), str(owner)) for owner in owners])

    def _choose(self, name: str, any_of_them: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.widget.attrs["aria-label"] = any_of_them
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", any_of_them), *choices]

    def filters(self) -> dict[str, str]:
        """The filters asked for, of those that can be read."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class CompanyForm(FactsForm):
    """The facts of a company and whose it is; only what was changed is sent on."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        company: Company,
        definitions: Iterable[AttributeDefinition],
        people: Iterable[User] | None,
    ) -> None:
        super().__init__(data)
        domain_help = _("Such as acme.example. Leads with an address there join this company.")
        if company.domain:
            domain_help += " " + _("It can be corrected, not taken away.")
        self.add("name", forms.CharField(required=False, max_length=300, label=_("Name")), company.name)
        self.add(
            "domain",
            forms.CharField(required=False, max_length=253, label=_("Domain"), help_text=domain_help),
            company.domain,
        )
        self.add("industry", forms.CharField(required=False, max_length=200, label=_("Industry")), company.industry)
        self.add("country", country_field(company.country), company.country)
        for name, label in (("employees", _("Employees")), ("revenue", _("Revenue"))):
            field = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, label=label)
            self.add(name, field, getattr(company, name))
        technologies = forms.CharField(
            required=False,
            label=_("Technologies"),
            help_text=_("One a line."),
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.add("technologies", technologies, "\n".join(company.technologies))
        self.types: dict[str, str] = {}
        for each in custom_inputs("attributes", definitions, company.attributes):
            self.add(each.name, each.field, each.initial)
            self.types[each.name] = each.type
        if people is not None:
            choices = [("", _("nobody yet")), *owner_choices(people, company.owner).items()]
            owner = company.owner.email if company.owner else ""
            self.add("owner", forms.ChoiceField(required=False, choices=choices, label=_("Owner")), owner)

    def clean_domain(self) -> str:
        domain = str(self.cleaned_data["domain"])
        if not domain and self.initial["domain"]:
            raise forms.ValidationError(_("A domain is corrected, not taken away: leads are joined by it."))
        return domain

    def values(self) -> dict[str, Any]:
        """What `company_update` is sent; the owner goes another way."""
        sent: dict[str, Any] = {}
        attributes: dict[str, object] = {}
        for name in self.touched():
            value = self.cleaned_data[name]
            if name in self.types:
                attributes[name.removeprefix("attributes.")] = custom_value(self.types[name], value)
            elif name == "technologies":
                sent[name] = [line.strip() for line in value.splitlines() if line.strip()]
            elif name != "owner":
                sent[name] = value
        return sent | ({"attributes": attributes} if attributes else {})
