"""The set-up link: whoever holds it may become the first administrator. Signed, short-lived, worthless once anybody is there."""

from django.core import signing
from django.utils.translation import gettext as _

from kernel.errors import NotAllowedError

SALT = "leadscore.first_run"
HOURS = 24


def setup_key() -> str:
    """A new key for the address of the set-up page."""
    return signing.dumps("first administrator", salt=SALT)


def setup_key_check(key: str) -> None:
    """Raises NotAllowedError for a key that is not ours or too old."""
    try:
        signing.loads(key, salt=SALT, max_age=HOURS * 3600)
    except signing.SignatureExpired as error:
        raise NotAllowedError(
            _("This set-up link is too old: print a new one with `manage.py setup_link`."), code="setup_link_expired"
        ) from error
    except signing.BadSignature as error:
        raise NotAllowedError(
            _("This is no set-up link of this installation: print one with `manage.py setup_link`."),
            code="setup_link_invalid",
        ) from error
