"""What the queue page takes: filters by GET, a rejection by POST."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handoff.models import RejectReason
from handoff.queries import Phase, QueueFilters, Whose
from handoff.services.deciding import NOTE_LENGTH

_SELECT = {"class": "select"}


class QueueFilterForm(forms.Form):
    """The filters of the queue. What cannot be read filters nothing: an old link still shows a queue."""

    search = forms.CharField(
        required=False,
        max_length=200,
        label=_("Search"),
        error_messages={
            "max_length": _("Search for at most %(limit_value)d characters."),
            "null_characters_not_allowed": _("Take the invisible character out of it."),
        },
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "type": "search",
                "placeholder": _("Name, title or company"),
                "aria-label": _("Search"),
            }
        ),
    )
    stage = forms.ChoiceField(
        required=False, label=_("Stage"), widget=forms.Select(attrs={**_SELECT, "aria-label": _("Stage")})
    )
    rating = forms.ChoiceField(
        required=False,
        label=_("Rating"),
        choices=[("", _("Any rating")), *((grade, grade) for grade in "ABCDF")],
        widget=forms.Select(attrs={**_SELECT, "aria-label": _("Rating")}),
    )

    def __init__(self, *args: Any, stages: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage = self.fields["stage"]
        if isinstance(stage, forms.ChoiceField):
            stage.choices = [("", _("Any stage")), *stages.items()]

    def filters(self, *, whose: Whose, phase: Phase) -> QueueFilters:
        """The filters asked for, of those that can be read."""
        self.is_valid()
        read = self.cleaned_data
        return QueueFilters(
            whose=whose,
            phase=phase,
            stage=read.get("stage", ""),
            rating=read.get("rating", ""),
            search=read.get("search", ""),
        )

    def search_refusal(self) -> str:
        """Why the search was left out, in a sentence; empty where it was not."""
        problems = self.errors.get("search")
        if not problems:
            return ""
        return gettext("The queue is shown without the search. %(why)s") % {"why": problems[0]}


class RejectForm(forms.Form):
    """Why not. The reasons are the team's own list; the note stays with the hand-off."""

    reason = forms.ModelChoiceField(
        queryset=RejectReason.objects.none(),
        to_field_name="slug",
        label=_("Reason"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose one of the reasons offered.")},
    )
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        label=_("Note"),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        help_text=_("Stays with the hand-off; people who see the lead can read it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        if isinstance(reason, forms.ModelChoiceField):
            reason.queryset = RejectReason.objects.filter(is_active=True)
