"""What is asked for a score of a day and for a new version."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.unfold import FileWidget, SelectWidget
from kernel.errors import BadRequestError, LeadscoreError
from scoring.loader import document_from_text
from scoring.models import MatrixVersion
from scoring.presets import PRESETS, preset_document
from scoring.services.matrices import matrix_checked

# A matrix of 500 criteria stays far below.
MOST_BYTES = 2 * 1024 * 1024


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
