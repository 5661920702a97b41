"""What waits in quarantine: taken in after all, or set aside for good."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from crm.models import Quarantine
from crm.services.activities import activities_record
from kernel.errors import ConflictError

# How each kind is tried again; floors above add theirs in `AppConfig.ready()`. Raises ConflictError where it fails again;
# answers whether the row is settled by that, for a score settles its own row once the lead has been judged.
Replay = Callable[[Quarantine, User], bool]
_replays: dict[str, Replay] = {}


def register_replay(kind: str, replay: Replay) -> None:
    """Say how a kind of quarantined item is tried again. The same kind again replaces it."""
    _replays[kind] = replay


@transaction.atomic
def quarantine_replay(*, item_id: int, by: User) -> Quarantine:
    """Try to take an item in as it was sent. Raises ConflictError where it is settled or is refused again, and why."""
    item = _waiting(item_id)
    replay = _replays.get(item.kind)
    if replay is None:
        raise ConflictError(_("Nothing knows how to take this in: set it aside."), code="no_replay")
    if replay(item, by):
        _settle(item, by)
    audit_record(action="quarantine.replay", subject_type="quarantine", subject_id=item.pk, actor=by)
    return item


@transaction.atomic
def quarantine_settle(*, item_id: int, by: User) -> Quarantine:
    """Set an item aside: it stays readable and is not tried again. Raises ConflictError where it is settled already."""
    item = _waiting(item_id)
    _settle(item, by)
    audit_record(action="quarantine.settle", subject_type="quarantine", subject_id=item.pk, actor=by)
    return item


def _waiting(item_id: int) -> Quarantine:
    # One at a time: a second try of the same item waits here and then finds it settled.
    item = Quarantine.objects.select_for_update(of=("self",)).get(pk=item_id)
    if item.settled_at is not None:
        raise ConflictError(_("Somebody settled this item already: nothing is left to do."), code="settled")
    return item


def _settle(item: Quarantine, by: User) -> None:
    item.settled_at, item.settled_by = timezone.now(), by
    item.save(update_fields=["settled_at", "settled_by"])


def _activity_again(item: Quarantine, by: User) -> bool:
    (result,) = activities_record(feed=item.feed, items=[item.payload], by=by, received_at=item.received_at)
    if result.status not in {"accepted", "duplicate"}:
        raise ConflictError(_("It was refused again: %(why)s") % {"why": result.detail}, code=result.code or "refused")
    return True


register_replay("activity", _activity_again)
