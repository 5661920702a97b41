"""What is searched for in the audit log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.audit_words import subject_choices
from accounts.forms.people import DayField
from accounts.forms.zones import choices_set


class AuditForm(forms.Form):
    """Everything may be left empty."""

    who = forms.CharField(label=_("Who"), required=False, max_length=200)
    action = forms.CharField(label=_("What"), required=False, max_length=80)
    subject = forms.ChoiceField(label=_("About"), required=False)
    number = forms.IntegerField(label=_("Number"), required=False, min_value=1, max_value=2**63 - 1)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_set(self, "subject", [("", _("Anything")), *subject_choices()])
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "select" if name == "subject" else "input"
            if name not in {"since", "until"}:
                field.widget.attrs |= {"placeholder": field.label, "aria-label": field.label}
        self.fields["number"].widget.attrs["class"] = "input w-28"
