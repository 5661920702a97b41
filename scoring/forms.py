"""What people type into the pages of this floor."""

from typing import Any

import pycountry
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.unfold import FileWidget, SelectWidget
from kernel.errors import BadRequestError, LeadscoreError
from scoring.loader import document_from_text
from scoring.models import MatrixVersion, ScoringModel
from scoring.presets import PRESETS, preset_document
from scoring.services.matrices import matrix_checked

# A matrix of 500 criteria stays far below.
MOST_BYTES = 2 * 1024 * 1024


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
    as_of = forms.DateField(
        required=False,
        label=_("As of"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("That is no day of the calendar: today is shown.")},
    )
    known = forms.ChoiceField(required=False, choices=[("now", _("known now")), ("then", _("known then"))])


class NewVersionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A draft from a preset, from a file, or from another version."""

    preset = forms.ChoiceField(
        required=False,
        label=_("Start from a preset"),
        widget=SelectWidget,
        choices=lambda: [("", "–"), *((preset.slug, f"{preset.name}: {preset.good_for}") for preset in PRESETS)],
    )
    file = forms.FileField(
        required=False,
        label=_("or from a file"),
        widget=FileWidget,
        help_text=_("A matrix as YAML or JSON, for example one exported with `manage.py matrix export`."),
    )
    base = forms.ModelChoiceField(
        MatrixVersion.objects.select_related("model").defer("document"),
        required=False,
        label=_("or from another version"),
        widget=SelectWidget,
        help_text=_("To roll back, start from the version that was right and publish the copy."),
    )

    class Meta:
        model = MatrixVersion
        fields = ("model", "note")

    def clean(self) -> dict[str, Any]:
        """Read the one source that was chosen; every problem of its matrix is said with its place."""
        read = super().clean() or self.cleaned_data
        chosen = [name for name in ("preset", "file", "base") if read.get(name)]
        if len(chosen) != 1:
            raise forms.ValidationError(_("Choose exactly one: a preset, a file or another version."))
        try:
            read["document"], read["origin"] = self._document(chosen[0], read[chosen[0]])
            matrix_checked(read["document"])
        except LeadscoreError as error:
            problems = [f"{problem.pointer or '/'}: {problem.detail}" for problem in error.problems]
            raise forms.ValidationError([error.detail, *problems]) from error
        return read

    def _document(self, source: str, chosen: Any) -> tuple[object, str]:
        if source == "preset":
            return preset_document(chosen), f"preset:{chosen}"
        if source == "base":
            return chosen.document, f"version:{chosen.number}"
        if chosen.size > MOST_BYTES:
            raise BadRequestError(gettext("This file is too large for a matrix."), code="too_large")
        try:
            text = chosen.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequestError(gettext("This file is no text in UTF-8."), code="not_utf8") from error
        return document_from_text(text, "json" if chosen.name.lower().endswith(".json") else "yaml"), "file"


class PublicationForm(forms.Form):
    """Why a version goes live, and whether hand-offs open because of it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the version for ever, because it goes live without both signatures."),
    )
    quiet = forms.BooleanField(
        required=False,
        label=_("Quietly"),
        help_text=_("Hand-offs do not open for leads that cross only because of this version."),
    )
