"""Who may be one person: asked for, looked at by people, settled by them. How they are found: crm.services.duplicates_finding."""

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from crm.bell import duplicates_ring
from crm.models import DuplicateSweep, PossibleDuplicate
from kernel.errors import ConflictError

# Of what was sent, not of what is alike: these pairs wait until somebody looks.
REPORTED: Final = frozenset(["visitor", "external_id_and_email", "external_id", "same_email"])
DIFFERENT: Final = "different"


def duplicates_ask() -> None:
    """Have a worker or the sweeper look for duplicates soon. They look every day anyway."""
    DuplicateSweep.objects.bulk_create([DuplicateSweep()], ignore_conflicts=True)
    transaction.on_commit(duplicates_ring, robust=True)


@transaction.atomic
def duplicate_settle_different(*, duplicate_id: int, by: User) -> PossibleDuplicate:
    """Say that the two are different people: they are not suggested again. Raises ConflictError where it is settled."""
    pair = PossibleDuplicate.objects.select_for_update(of=("self",)).get(pk=duplicate_id)
    if pair.settled_at is not None:
        raise ConflictError(_("Somebody settled this pair meanwhile. Load the page again."), code="already_settled")
    pair.settled_at, pair.settled_as, pair.settled_by = timezone.now(), DIFFERENT, by
    pair.save(update_fields=["settled_at", "settled_as", "settled_by"])
    _tell("duplicate.different", pair, by)
    return pair


@transaction.atomic
def duplicate_reopen(*, duplicate_id: int, by: User) -> PossibleDuplicate:
    """Suggest two people again whom somebody told apart. Twice is once."""
    pair = PossibleDuplicate.objects.select_for_update(of=("self",)).get(pk=duplicate_id)
    if pair.settled_as == DIFFERENT:
        pair.settled_at, pair.settled_as, pair.settled_by = None, "", None
        pair.save(update_fields=["settled_at", "settled_as", "settled_by"])
        _tell("duplicate.reopen", pair, by)
    return pair


def _tell(action: str, pair: PossibleDuplicate, by: User) -> None:
    details = {"first": pair.first_id, "second": pair.second_id}
    audit_record(action=action, subject_type="possible_duplicate", subject_id=pair.pk, actor=by, details=details)
