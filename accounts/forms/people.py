"""People and teams."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.forms.zones import ZoneField, language_field_fit
from accounts.models import Installation, Role, Team, User

MAX_CAPACITY = 10_000


class _DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        # What the browser's own field reads, whatever the language.
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day of our times: days at the ends of the calendar have no neighbours to reckon with."""

    widget = _DayInput
    input_formats = ("%Y-%m-%d",)
    default_validators = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


class _PlaceForm(forms.Form):
    """Where somebody stands: role, team, capacity, zone, language."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    team = forms.ModelChoiceField(
        Team.objects.all(),
        label=_("Team"),
        required=False,
        empty_label=_("No team"),
        help_text=_("Sales managers and reps share the queue of their team."),
    )
    weekly_capacity = forms.IntegerField(
        label=_("Hand-offs a week"),
        min_value=0,
        max_value=MAX_CAPACITY,
        help_text=_("How many somebody can work: the weight of round robin. 0 is dealt none."),
    )
    time_zone = ZoneField()
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language_field_fit(self)


class InvitationForm(_PlaceForm):
    """Somebody new."""

    email = forms.EmailField(
        label=_("Email"), max_length=254, help_text=_("Where the link goes, and what they sign in with.")
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    field_order = ("email", "name", "role", "team", "weekly_capacity", "time_zone", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        zone = Installation.current().time_zone
        kwargs["initial"] = {"role": Role.REP, "weekly_capacity": 20, "time_zone": zone, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class PersonForm(_PlaceForm):
    """Somebody who works here, as far as `open_fields` lets whoever asks; the other fields are not there at all."""

    name = forms.CharField(label=_("Name"), max_length=200)
    absent_from = DayField(label=_("Absent from"), required=False)
    absent_until = DayField(
        label=_("Back on"), required=False, help_text=_("Nobody is dealt hand-offs before they are back.")
    )
    field_order = ("name", "role", "team", "weekly_capacity", "absent_from", "absent_until", "time_zone", "language")

    def __init__(self, person: User, open_fields: tuple[str, ...], typed: QueryDict | None = None) -> None:
        super().__init__(typed, initial={name: getattr(person, name) for name in open_fields})
        for name in set(self.fields) - set(open_fields):
            del self.fields[name]
        zone = self.fields.get("time_zone")
        if isinstance(zone, ZoneField):
            zone.keep(person.time_zone)


class AcceptForm(forms.Form):
    """What somebody new says of themselves."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    password = forms.CharField(
        label=_("Choose a password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=1000,
    )
    time_zone = ZoneField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        # The script of the page chooses the zone of the browser, where nobody chose one before.
        self.fields["time_zone"].widget.attrs["data-guess-zone"] = ""
