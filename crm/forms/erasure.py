"""Erasing a person asks twice."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ErasureForm(forms.Form):
    """The lead's number, typed again: nobody is erased by one click too many."""

    number = forms.IntegerField(
        label=_("Number of the lead"),
        help_text=_("Type it again to confirm."),
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, lead_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lead_id = lead_id

    def clean_number(self) -> int:
        number = int(self.cleaned_data["number"])
        if number != self.lead_id:
            raise forms.ValidationError(gettext("This is the number of another lead."))
        return number
