"""How allauth behaves here: nobody signs up by themselves, and a second factor that is required stays."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Installation
from accounts.rights import needs_second_factor


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("This email and this password do not belong together. Try again."),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts failed. Wait 15 minutes, or set a new password by the link below the field."
        ),
        "incorrect_password": gettext_lazy("This is not your password. Try again."),
        "rate_limited": gettext_lazy("Too many attempts. Wait 15 minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your role requires two-step sign-in, so it cannot be switched off. "
            "To change to another phone, ask an administrator to reset it."
        ),
        "incorrect_code": gettext_lazy(
            "This code is wrong or was used before. Wait for the next one, and check the clock of your phone."
        ),
    }

    def get_totp_issuer(self) -> str:
        """What the authenticator app calls this account."""
        company = Installation.current().company
        return _("Lead scoring") + (f" ({company})" if company else "")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (settings.MFA_REQUIRED and needs_second_factor(authenticator.user.role))
