"""How people get in: a signed link that works for seven days and once."""

import hashlib
from collections.abc import Mapping
from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import kinds
from accounts.rights import Action, Reach, reach
from accounts.services.audit import audit_record
from kernel.errors import ConflictError, InvalidError, NotAllowedError

INVITATION_DAYS = 7
SALT = "accounts.invitation"
# Backends that show a mail to whoever runs the server, and to nobody else.
SILENT_BACKENDS = ("console", "dummy", "filebased")

logger = structlog.get_logger(__name__)


def is_invited(person: User) -> bool:
    """Whether somebody was invited and did not come yet."""
    return person.is_active and person.last_login is None and not person.has_usable_password()


@transaction.atomic
def person_invite(*, email: str, fields: Mapping[str, Any], by: User) -> User:
    """Make somebody who cannot sign in yet; they choose their password by the link of `invitation_token`."""
    _administrator_check(by)
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise ConflictError(
            _("Somebody with this address is here already. Look them up among the people."), code="taken"
        )
    # An administrator who names no kinds starts where the kinds say.
    emailed = [kind.key for kind in kinds() if kind.is_emailed]
    person = User.objects.create_user(email, None, emailed_kinds=emailed, **fields)
    audit_record(
        action="user.invite", subject_type="user", subject_id=person.pk, actor=by, details={"role": person.role}
    )
    return person


@transaction.atomic
def invitation_renew(*, person_id: int, by: User) -> User:
    """Let somebody in anew: links sent before end. Also for who left and comes back, with nothing of their old sign-in."""
    _administrator_check(by)
    person = User.objects.select_for_update().get(pk=person_id)
    if person.is_active and not is_invited(person):
        raise ConflictError(
            _("This person has signed in already. Who forgot the password asks for a new one at the sign-in."),
            code="already_in",
        )
    person.set_unusable_password()
    person.is_active, person.left_at, person.successor, person.last_login = True, None, None, None
    person.save()
    Authenticator.objects.filter(user=person).delete()
    audit_record(action="user.invite_again", subject_type="user", subject_id=person.pk, actor=by)
    return person


@transaction.atomic
def invitation_revoke(*, person_id: int, by: User) -> User:
    """Take back an invitation nobody used: its link ends, and the person is inactive."""
    _administrator_check(by)
    person = User.objects.select_for_update().get(pk=person_id)
    if not is_invited(person):
        raise ConflictError(_("There is no open invitation of this person."), code="not_invited")
    person.set_unusable_password()
    person.is_active = False
    person.save()
    audit_record(action="user.invite_revoke", subject_type="user", subject_id=person.pk, actor=by)
    return person


def invitation_token(person: User) -> str:
    """What the link holds: the person, and a mark of the password they do not have, which ends with the first one set."""
    return signing.dumps([person.pk, _mark(person)], salt=SALT)


def invitation_find(token: str) -> User:
    """Whose invitation this is. Raises InvalidError where it is over, was used, was taken back, or never was one."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=INVITATION_DAYS * 86_400)
    except signing.SignatureExpired:
        raise InvalidError(
            _("This invitation is older than %(days)s days. Ask the administrator who invited you for a new one.")
            % {"days": INVITATION_DAYS},
            code="invitation_expired",
        ) from None
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidError(
            _("This link is not whole. Open it from the mail again, or ask your administrator for a new one."),
            code="invitation_unreadable",
        ) from None
    person = User.objects.filter(pk=pk).first()
    if person is None or not person.is_active or _mark(person) != mark:
        raise InvalidError(
            _("This invitation was used or taken back. If it was you, sign in; if not, ask your administrator."),
            code="invitation_used",
        )
    return person


@transaction.atomic
def invitation_accept(*, token: str, name: str, password: str, time_zone: str) -> User:
    """Set the first password and end the link. Raises InvalidError as `invitation_find`, and for a weak password."""
    found = invitation_find(token)
    # Two windows with the same link: the second waits here and then finds it used.
    User.objects.select_for_update().get(pk=found.pk)
    person = invitation_find(token)
    person.name, person.time_zone = name, time_zone
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise InvalidError(" ".join(error.messages), code="password_weak") from None
    person.set_password(password)
    person.save()
    audit_record(action="user.accept", subject_type="user", subject_id=person.pk, actor=person)
    return person


def invitation_send(*, person: User, link: str, by: User) -> bool:
    """Mail the link; False where no mail reaches anybody here, so that it has to be handed over otherwise."""
    with translation.override(person.language):
        subject = _("%(name)s invites you to Lead scoring") % {"name": " ".join(str(by).split())}
        text = _(
            "Hello %(name)s,\n\n%(by)s invites you to Lead scoring as %(role)s. Choose your password here:\n\n%(link)s\n\n"
            "The link works once, and for %(days)s days. If you did not expect this mail, ignore it.\n"
        ) % {
            "name": person.name or person.email,
            "by": by,
            "role": person.get_role_display(),
            "link": link,
            "days": INVITATION_DAYS,
        }
    try:
        send_mail(subject[:200], text, None, [person.email])
    except (OSError, ValueError) as error:
        logger.warning("invitation_not_mailed", person=person.pk, error=type(error).__name__)
        return False
    return not any(f".{name}." in settings.EMAIL_BACKEND for name in SILENT_BACKENDS)


def _mark(person: User) -> str:
    return hashlib.sha256(person.password.encode()).hexdigest()[:32]


def _administrator_check(by: User) -> None:
    if reach(by.role, Action.USER_MANAGE) is not Reach.ALL:
        raise NotAllowedError(_("Only an administrator invites people."), code="not_yours")
