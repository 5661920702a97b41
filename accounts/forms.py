"""What administrators type about people and keys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Scope, User


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Somebody new: they choose their own password by the link they are sent."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "team", "weekly_capacity", "time_zone", "language")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


class NewApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A key before it exists; its secret is made by the service and shown once."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, label=_("What it may do")
    )

    class Meta:
        model = ApiKey
        fields = ("name", "feed", "scopes", "expires_at")

    def clean_scopes(self) -> list[str]:
        return list(self.cleaned_data["scopes"])
