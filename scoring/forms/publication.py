"""What is asked when a version goes live, now or later, comes back, or is looked at again."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.services.publication import MOST_A_DAY

LONGEST = 2_000


class PublicationForm(forms.Form):
    """When a version goes live, how hand-offs open for leads that cross only because of it, and why.

    Without both signatures the reason is asked for.
    """

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("Now")), ("later", gettext_lazy("At a time"))],
        initial="now",
        widget=forms.RadioSelect,
        required=False,
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Day and time"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("Hand-offs of leads that cross only because of it"),
        choices=[
            ("loud", gettext_lazy("Loudly: all open at once")),
            ("spread", gettext_lazy("Spread: the best so many a day")),
            ("quiet", gettext_lazy("Quietly: none opens before the lead does something new")),
        ],
        initial="loud",
        widget=forms.RadioSelect,
        required=False,
    )
    per_day = forms.IntegerField(
        label=gettext_lazy("Leads a day"),
        required=False,
        min_value=1,
        max_value=MOST_A_DAY,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_reason = needs_reason
        reason = self.fields["reason"]
        reason.required = needs_reason
        reason.help_text = (
            _("Kept with the version for ever, because it goes live without both signatures.")
            if needs_reason
            else _("What people should know about it, if anything.")
        )

    def clean(self) -> dict[str, Any]:
        read = super().clean() or self.cleaned_data
        # What was typed and would not count is asked about: a version published too early is not taken back.
        if "at" not in self.errors and (read.get("when") == "later") is not bool(read.get("at")):
            says = _("Choose “At a time”, or leave the day and time empty.")
            self.add_error("at", says if read.get("at") else _("Say when it shall go live."))
        if "per_day" not in self.errors and (read.get("how") == "spread") is not bool(read.get("per_day")):
            says = _("Choose to spread them, or leave the number empty.")
            self.add_error("per_day", says if read.get("per_day") else _("Say how many leads a day."))
        return read

    @property
    def is_planned(self) -> bool:
        return bool(self.cleaned_data["when"] == "later")

    def terms(self) -> dict[str, Any]:
        """As version_publish and version_plan take them."""
        how = self.cleaned_data["how"] or "loud"
        return {
            "reason": self.cleaned_data["reason"],
            "quiet": how == "quiet",
            "per_day": self.cleaned_data["per_day"] if how == "spread" else None,
        }


class ReasonForm(forms.Form):
    """Why a warning is lived with, or an old version comes back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class WarningReasonForm(ReasonForm):
    """The reason for one warning, named by its code and the keys of the criteria it speaks of."""

    code = forms.CharField(max_length=10)
    criteria = forms.CharField(max_length=50_000, required=False)


class LookForm(forms.Form):
    """What somebody found who looked whether the published version still serves."""

    note = forms.CharField(
        label=gettext_lazy("What you found"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
