"""Telling people: in the app, and by mail where they asked for it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.notifications import wording

logger = structlog.get_logger(__name__)
# Nobody wants last week's news by mail: what could not be sent for so long stays in the app only.
EMAIL_WORTH = timedelta(days=3)
FIRST_PAUSE, LONGEST_PAUSE = 60, 3600
_PAUSE = "notification-emails-pause"


def notify(
    *, users: Iterable[User], kind: str, params: Mapping[str, Any] | None = None, url: str = ""
) -> list[Notification]:
    """Tell each of the people who still work here, as their settings say. Call it inside the transaction of the change.

    Who muted the kind and does not want it by mail is not told at all; `url` is a path of ours to where it can be seen.
    """
    return Notification.objects.bulk_create(
        Notification(user=user, kind=kind, params=dict(params or {}), url=url, is_email_due=kind in user.emailed_kinds)
        for user in users
        if user.is_active and (kind not in user.muted_kinds or kind in user.emailed_kinds)
    )


def notifications_read(*, user: User, ids: Iterable[int] | None = None) -> int:
    """Mark a person's notifications as read, these or all; how many were unread."""
    unread = Notification.objects.filter(user=user, read_at=None)
    return (unread if ids is None else unread.filter(pk__in=ids)).update(read_at=timezone.now())


def notification_emails_send(*, limit: int = 500) -> int:
    """Send what is due by mail, one transaction each; how many went.

    Each row is claimed with SKIP LOCKED and marked after the server took the mail, so a crash sends it again rather than
    never. A server that cannot be reached keeps everything due and is asked again after a pause that doubles.
    """
    now = timezone.now()
    Notification.objects.filter(is_email_due=True, created_at__lt=now - EMAIL_WORTH).update(is_email_due=False)
    pause = cache.get(_PAUSE)
    if pause and pause["until"] > now:
        return 0
    sent, last = 0, 0
    for _turn in range(limit):
        try:
            done = _send_next(after=last)
        except (SMTPException, OSError) as error:
            seconds = min(pause["seconds"] * 2, LONGEST_PAUSE) if pause else FIRST_PAUSE
            cache.set(_PAUSE, {"until": now + timedelta(seconds=seconds), "seconds": seconds}, timeout=None)
            logger.warning("mail_away", error=type(error).__name__, again_in_seconds=seconds)
            return sent
        if done is None:
            break
        last, went = done
        sent += went
    if sent:
        cache.delete(_PAUSE)
    return sent


@transaction.atomic
def _send_next(*, after: int) -> tuple[int, bool] | None:
    """The next due notification after this id, and whether it went; None where none is left."""
    row = (
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(is_email_due=True, pk__gt=after)
        .select_related("user")
        .order_by("pk")
        .first()
    )
    if row is None:
        return None
    if not row.user.is_active:
        _settle(row, went=False)
        return row.pk, False
    try:
        _send(row)
    except SMTPRecipientsRefused as error:
        # This address will not take it later either; the others must not wait for it.
        logger.warning("mail_refused", notification=row.pk, error=type(error).__name__)
        _settle(row, went=False)
        return row.pk, False
    _settle(row, went=True)
    return row.pk, True


def _settle(row: Notification, *, went: bool) -> None:
    row.is_email_due = False
    row.emailed_at = timezone.now() if went else None
    row.save(update_fields=["is_email_due", "emailed_at"])


def _send(row: Notification) -> None:
    with translation.override(row.user.language):
        sentence = wording(row.kind, row.params)
        link = f"{settings.PUBLIC_URL}{row.url}" if row.url else settings.PUBLIC_URL
        choose = _("Choose what comes by mail: %(link)s") % {"link": f"{settings.PUBLIC_URL}/profile/"}
        # A subject of several lines would be a header of its own.
        send_mail(" ".join(sentence.split())[:200], f"{sentence}\n\n{link}\n\n-- \n{choose}\n", None, [row.user.email])
