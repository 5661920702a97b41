"""Erasing a person: every table that holds something of them has an eraser, and a tombstone refuses what comes later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction

from accounts.models import ApiKey, Role, User
from accounts.services import audit_record, notify
from crm.errors import UnknownLeadError
from crm.identity import email_tombstone, external_tombstone, lead_tombstone
from crm.models import ExternalId, Lead, Tombstone, Work
from crm.services.lookup import lead_survivors
from crm.services.retrying import retried

ERASURE_REQUESTED = "erasure_requested"


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """Deletes what its models hold of one lead, before the lead itself goes."""

    name: str
    models: Sequence[type[models.Model]]
    erase: Callable[[int], None]


_erasers: dict[str, Eraser] = {}


def register_eraser(name: str, held_in: Sequence[type[models.Model]], erase: Callable[[int], None]) -> None:
    """Say who deletes a person's data from these models: in `AppConfig.ready()` of their floor. `erase` takes a lead's id.

    Floors start from the top, so what refers to a lead goes before what it refers to. The same name again replaces.
    """
    _erasers[name] = Eraser(name=name, models=held_in, erase=erase)


def erasers() -> list[Eraser]:
    """All of them, in the order they run."""
    return list(_erasers.values())


@transaction.atomic
def lead_erase(*, lead_id: int, by: User | ApiKey | None = None) -> None:
    """Delete the person: this lead, those it was merged with, and all that is held of them.

    The leads are locked against everything (an activity on its way waits and is then refused), tombstones are written for
    each identity, the erasers run, the rows go, and the audit log keeps the surrogate ids.
    """
    retried(lambda: _erase(lead_id, by))


def _erase(lead_id: int, by: User | ApiKey | None) -> None:
    root = lead_survivors([lead_id]).get(lead_id)
    if root is None:
        raise UnknownLeadError
    family = _family_locked(root)
    Tombstone.objects.bulk_create([Tombstone(digest=digest) for digest in _digests(family)], ignore_conflicts=True)
    for lead in family:
        for eraser in erasers():
            eraser.erase(lead.pk)
    Lead.objects.filter(pk__in=[lead.pk for lead in family]).update(merged_into=None, email_key="")
    Lead.objects.filter(pk__in=[lead.pk for lead in family]).delete()
    audit_record(
        action="lead.erase",
        subject_type="lead",
        subject_id=root,
        actor=by,
        details={"leads": sorted(lead.pk for lead in family)},
    )


@transaction.atomic
def lead_erasure_request(*, lead_id: int, by: User | ApiKey | None = None) -> None:
    """Ask the administrators to erase a person: a row in the audit log and a notification to each."""
    if not Lead.objects.filter(pk=lead_id).exists():
        raise UnknownLeadError
    audit_record(action="lead.erasure_requested", subject_type="lead", subject_id=lead_id, actor=by)
    notify(
        users=User.objects.filter(role=Role.ADMINISTRATOR, is_active=True),
        kind=ERASURE_REQUESTED,
        params={"lead": lead_id},
        url=f"/leads/{lead_id}/",
    )


def _family_locked(root: int) -> list[Lead]:
    """The lead and all that were merged into it, locked FOR UPDATE in id order."""
    ids, new = {root}, {root}
    while new:
        new = set(Lead.objects.filter(merged_into__in=new).values_list("pk", flat=True)) - ids
        ids |= new
    # Work before leads, as a scorer takes them: one that holds work of these leads is waited for without holding any.
    list(Work.objects.select_for_update().filter(lead__in=ids).order_by("pk").values_list("pk"))
    return list(Lead.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _digests(family: Sequence[Lead]) -> set[str]:
    key = settings.TOMBSTONE_KEY
    external = ExternalId.objects.filter(lead__in=family).values_list("feed", "external_id")
    return {
        *(lead_tombstone(key, lead_id=lead.pk) for lead in family),
        *(email_tombstone(key, email_key=lead.email_key) for lead in family if lead.email_key),
        *(external_tombstone(key, feed=feed, external_id=text) for feed, text in external),
    }
