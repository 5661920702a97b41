"""A key before it exists; its secret is made by the service and shown once."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import DayField
from accounts.forms.zones import choices_set
from accounts.models import Scope
from accounts.rights import scopes_to_give


class NewApiKeyForm(forms.Form):
    """Only the scopes that the role of the maker may give are on offer."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Which program sends with it."))
    feed = forms.SlugField(
        label=_("Feed"),
        max_length=60,
        help_text=_(
            "Who sends, in a word of letters, digits and dashes. Ids are unique within a feed: keys of the same "
            "program share one."
        ),
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    expires_on = DayField(
        label=_("Ends on"), required=False, help_text=_("Works through the day before. Empty: until it is revoked.")
    )

    def __init__(self, role: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = scopes_to_give(role)
        choices_set(self, "scopes", [choice for choice in Scope.choices if choice[0] in given])

    def clean_expires_on(self) -> datetime | None:
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        end = timezone.make_aware(datetime.combine(day, time()))
        if end <= timezone.now():
            raise forms.ValidationError(_("Choose a day to come."), code="past")
        return end
