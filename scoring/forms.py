"""What people type into the pages of this floor."""

from typing import Any

import pycountry
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from scoring.models import ScoringModel


def _country_choices() -> list[tuple[str, Any]]:
    named = sorted((country.name, country.alpha_2) for country in pycountry.countries)
    return [("", _("Any country")), *((code, name) for name, code in named)]


class LeadFilterForm(forms.Form):
    """Search and filters of the list of leads. Nothing is required, and what cannot be read filters nothing."""

    search = forms.CharField(required=False, max_length=200, label=_("Search"))
    model = forms.ModelChoiceField(
        ScoringModel.objects.exclude(active_version=None), to_field_name="slug", required=False, label=_("Model")
    )
    stage = forms.ChoiceField(required=False, label=_("Stage"))
    rating = forms.ChoiceField(required=False, label=_("Rating"))
    country = forms.ChoiceField(choices=_country_choices, required=False, label=_("Country"))
    owner = forms.ModelChoiceField(
        User.objects.filter(role__in=[Role.REP, Role.SALES_MANAGER]),
        required=False,
        label=_("Owner"),
        empty_label=_("Any owner"),
    )

    def __init__(self, *args: Any, stages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grades = [(grade, _("%(grade)s, any level") % {"grade": grade}) for grade in "ABCDF"]
        ratings = [(f"{grade}{level}", f"{grade}{level}") for grade in "ABCDF" for level in "1234"]
        self.fields["stage"] = forms.ChoiceField(
            choices=[("", _("Any stage")), *stages], required=False, label=_("Stage")
        )
        self.fields["rating"] = forms.ChoiceField(
            choices=[("", _("Any rating")), *grades, *ratings], required=False, label=_("Rating")
        )
        for name, field in self.fields.items():
            field.widget.attrs.update({"class": "input" if name == "search" else "select", "aria-label": field.label})
        self.fields["search"].widget.attrs["placeholder"] = _("Name, email or company")

    def filters(self) -> dict[str, Any]:
        """What to filter by, for scoring.ranking.leads_ranked."""
        self.is_valid()
        owner = self.cleaned_data.get("owner")
        return {**self.cleaned_data, "owner": owner.pk if owner else None}


class AsOfForm(forms.Form):
    """Which day, which knowledge and which model a lead's panels speak of."""

    model = forms.SlugField(required=False)
    as_of = forms.DateField(required=False, label=_("As of"), widget=forms.DateInput(attrs={"type": "date"}))
    known = forms.ChoiceField(required=False, choices=[("now", _("known now")), ("then", _("known then"))])
