"""What of the excluded is looked at, and of which of it somebody says what it was."""

from collections.abc import Mapping
from typing import Final

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import DayField

DAYS: Final = 30


class ExcludedFilterForm(forms.Form):
    """Anything that cannot be read is as if it had not been asked."""

    reason = forms.ChoiceField(label=_("Why"), required=False)
    days = forms.TypedChoiceField(
        label=_("Since when"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("7", _("last 7 days")), ("30", _("last 30 days")), ("90", _("last 90 days")), ("0", _("ever"))],
    )
    given = forms.BooleanField(required=False)

    def __init__(self, data: Mapping[str, str], *, reasons: Mapping[str, str | Promise]) -> None:
        super().__init__(
            {**{name: value for name, value in data.items() if value}, "days": data.get("days") or str(DAYS)}
        )
        choices = [("", _("For any reason")), *((key, capfirst(str(label))) for key, label in reasons.items())]
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]  # a Field in the stubs, a ChoiceField here
        for name in ("reason", "days"):
            self.fields[name].widget.attrs |= {"class": "select max-w-72", "aria-label": str(self.fields[name].label)}

    def asked(self) -> tuple[str, int | None, bool]:
        """The reason or "", the days or None for ever, and whether what was given back is asked for."""
        self.is_valid()
        days = self.cleaned_data.get("days", DAYS)
        return self.cleaned_data.get("reason", ""), days or None, self.cleaned_data.get("given", False)


class GroupForm(forms.Form):
    """The key of a group: what belongs together."""

    reason = forms.CharField(max_length=60, required=False)
    day = DayField()
    lead = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    address = forms.CharField(max_length=60, required=False)
    mail = forms.CharField(required=False, strip=False)


class MarkForm(forms.Form):
    """`activity` is one of them; without it the group is meant."""

    says = forms.ChoiceField(choices=[("person", "person"), ("machine", "machine")])
    activity = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
