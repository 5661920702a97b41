"""What a colleague writes about a lead."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    """The service says whether it is too long, in a sentence with the numbers."""

    text = forms.CharField(
        label=_("Note"),
        error_messages={
            "required": _("Write something first."),
            "null_characters_not_allowed": _("The note holds a character that cannot be stored. Take it out."),
        },
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("What should colleagues know?")}),
    )
