"""What everybody says of themselves."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import DayField
from accounts.forms.zones import ZoneField, choices_set, language_field_fit
from accounts.models import User
from accounts.notifications import kinds


class ProfileForm(forms.Form):
    """Name, zone, language, absence, and by which ways each kind of notification comes."""

    name = forms.CharField(label=_("Name"), max_length=200)
    time_zone = ZoneField()
    language = forms.ChoiceField(label=_("Language"))
    absent_from = DayField(label=_("Absent from"), required=False)
    absent_until = DayField(
        label=_("Back on"), required=False, help_text=_("You are dealt no hand-offs before you are back.")
    )
    shown_kinds = forms.MultipleChoiceField(required=False)
    emailed_kinds = forms.MultipleChoiceField(required=False)

    def __init__(self, user: User, typed: QueryDict | None = None) -> None:
        own = ("name", "time_zone", "language", "absent_from", "absent_until")
        super().__init__(typed, initial={name: getattr(user, name) for name in own})
        self.user = user
        language_field_fit(self)
        cast(ZoneField, self.fields["time_zone"]).keep(user.time_zone)
        for name in ("shown_kinds", "emailed_kinds"):
            choices_set(self, name, [(kind.key, kind.label) for kind in kinds()])

    def changes(self) -> dict[str, Any]:
        """What was typed, as `profile_change` takes it. Kinds nobody registers any more keep their setting."""
        known = {kind.key for kind in kinds()}
        typed = dict(self.cleaned_data)
        shown, emailed = set(typed.pop("shown_kinds")), set(typed.pop("emailed_kinds"))
        typed["muted_kinds"] = sorted((set(self.user.muted_kinds) - known) | (known - shown))
        typed["emailed_kinds"] = sorted((set(self.user.emailed_kinds) - known) | emailed)
        return typed
