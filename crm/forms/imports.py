"""Forms of an import: the file, how it is read, who sends it, and what happens to those who qualify."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from crm.ingestion.looking import FileLook
from crm.ingestion.rules import ENCODINGS
from crm.models import Import

_ENCODING_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": _("Windows, Western Europe (1252)"),
    "cp1250": _("Windows, Central Europe (1250)"),
    "latin-1": _("ISO 8859-1, Western Europe"),
    "iso8859-2": _("ISO 8859-2, Central Europe"),
}


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or a spreadsheet (.xlsx), with or without a row of column names."),
        error_messages={"required": _("Choose a file first."), "empty": _("This file is empty. Choose another.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "class": "input-file"}),
    )


class RulesForm(forms.Form):
    """How the file is read. What is left as recognised is recognised again; what was answered stands."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    has_header = forms.ChoiceField(
        label=_("First row"),
        required=False,
        choices=[("yes", _("names of the columns")), ("no", _("data already"))],
    )
    delimiter = forms.ChoiceField(
        label=_("Columns are separated by"),
        required=False,
        choices=[(",", _("comma")), (";", _("semicolon")), ("\\t", _("tab")), ("|", _("bar"))],
    )
    encoding = forms.ChoiceField(
        label=_("Letters are written in"),
        required=False,
        choices=[(name, _ENCODING_NAMES.get(name, name.upper())) for name in ENCODINGS],
    )
    decimal_mark = forms.ChoiceField(
        label=_("Decimals follow a"), required=False, choices=[(".", _("point: 1,234.5")), (",", _("comma: 1.234,5"))]
    )
    date_order = forms.ChoiceField(
        label=_("Dates are written"),
        required=False,
        choices=[
            ("", _("not settled by the file")),
            ("dmy", _("day first: 31/12/2026")),
            ("mdy", _("month first: 12/31/2026")),
            ("ymd", _("year first: 2026-12-31")),
        ],
    )
    time_zone = forms.CharField(
        label=_("Times are of"), required=False, max_length=64, widget=forms.TextInput(attrs={"list": "time-zones"})
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, look: FileLook | None = None) -> None:
        super().__init__(data, initial=_initial(look) if look else {}, prefix="rule")
        if look:
            self.fields["sheet"].choices = [(name, name) for name in look.sheets]  # type: ignore[attr-defined]
            asked = {question.rule for question in look.questions}
            for name in self._not_of(look) - asked:
                del self.fields[name]
            for name in asked & set(self.fields):
                self.fields[name].widget.attrs["aria-describedby"] = f"question-{name}"
        for name in self.fields:
            self.fields[name].widget.attrs.setdefault("class", "select" if name != "time_zone" else "input")

    @staticmethod
    def _not_of(look: FileLook) -> set[str]:
        if look.rules.format == "xlsx":
            return {"delimiter", "encoding"} | ({"sheet"} if len(look.sheets) < 2 else set())
        return {"sheet"}

    @classmethod
    def given(cls, data: Mapping[str, Any]) -> dict[str, object]:
        """What somebody said, as reading takes it; unknown choices are left to it to refuse."""
        said: dict[str, object] = {}
        for name in cls.base_fields:
            value = data.get(f"rule-{name}", "")
            if value == "":
                continue
            said[name] = value == "yes" if name == "has_header" else "\t" if value == "\\t" else value
        return said

    @staticmethod
    def time_zones() -> list[str]:
        return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


class FeedForm(forms.Form):
    """Who sends the rows, and a name to keep the mapping under."""

    feed = forms.CharField(
        label=_("Feed"),
        max_length=60,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9_-]{0,59}$", _("Name the feed in small letters, digits and dashes."))
        ],
        help_text=_(
            "Where the rows come from, such as trade-fair or crm-export. Rows of the same feed are known again by their id, "
            "so that the next file updates people instead of doubling them."
        ),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autocapitalize": "none"}),
    )
    save_as = forms.CharField(
        label=_("Keep this mapping as"),
        required=False,
        max_length=120,
        help_text=_("Offered where a later file has the same columns. Leave it empty to keep nothing."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


class StartForm(forms.Form):
    """What becomes of leads that qualify only because of the import."""

    handoffs = forms.ChoiceField(
        label=_("Hand-offs"),
        choices=[
            (Import.Handoffs.QUIET, _("Hold them back: scores show, nobody's queue fills (you can let them go later)")),
            (Import.Handoffs.SPREAD, _("Hand off the best, so many a day")),
            (Import.Handoffs.ALL, _("Hand off all at once")),
        ],
        initial=Import.Handoffs.QUIET,
        widget=forms.RadioSelect(attrs={"class": "size-4 shrink-0 accent-primary-600"}),
    )
    handoffs_per_day = forms.IntegerField(
        label=_("How many a day"),
        required=False,
        min_value=1,
        max_value=100_000,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_spread = cleaned.get("handoffs") == Import.Handoffs.SPREAD
        if is_spread and not cleaned.get("handoffs_per_day") and "handoffs_per_day" not in self.errors:
            self.add_error("handoffs_per_day", _("Say how many hand-offs may be opened a day."))
        return cleaned


def _initial(look: FileLook) -> dict[str, object]:
    rules = look.rules.to_json()
    header = "yes" if look.rules.has_header else "no"
    delimiter = "\\t" if look.rules.delimiter == "\t" else look.rules.delimiter
    return {**rules, "has_header": header, "delimiter": delimiter}
