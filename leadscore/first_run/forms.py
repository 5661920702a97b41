"""What the one who sets up types."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.forms.zones import ZoneField
from accounts.models import Role, User
from scoring.presets import PRESETS


class AdministratorForm(forms.Form):
    """The first administrator. `time_zone` is filled in by the browser."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        help_text=_("You sign in with it."),
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        strip=False,
        help_text=_("At least 12 characters. A few words that do not belong together are easy to keep."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput({"data-own-zone": ""}))

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "password" in values:
            person = User(email=values.get("email", ""), name=values.get("name", ""))
            try:
                validate_password(values["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values


class CompanyForm(forms.Form):
    """The company, and the zone in which its days begin."""

    company = forms.CharField(
        label=_("Company"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )
    time_zone = ZoneField(
        help_text=_("Days begin at midnight there: points that fade, and what is due today. People may have their own.")
    )


class InviteForm(forms.Form):
    """One line of the invitations; an empty one is left out."""

    email = forms.EmailField(label=_("Email"), required=False, max_length=254)
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, required=False, initial=Role.REP)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("name") and not values.get("email") and "email" not in self.errors:
            self.add_error("email", _("Without an address there is nowhere to send the invitation."))
        return values


# As many lines as a first team has; more people are invited under People.
InviteFormSet = forms.formset_factory(InviteForm, extra=4, max_num=20, validate_max=True)


class PresetForm(forms.Form):
    """Which preset to begin with."""

    preset = forms.ChoiceField(choices=[(preset.slug, preset.name) for preset in PRESETS])


class KeyForm(forms.Form):
    """Who will send leads with the first key."""

    feed = forms.SlugField(
        label=_("Who sends"),
        max_length=60,
        initial="website",
        help_text=_("The feed: small letters, digits and hyphens. Ids that it sends are unique within it."),
    )
