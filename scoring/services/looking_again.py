"""A published version is looked at again every quarter: it is not set-and-forget."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError
from scoring.engine.lint.history import REVIEW_DAYS
from scoring.models import MatrixVersion, VersionReview
from scoring.services.reviewing import check_editor
from scoring.services.telling import tell_review_due


@transaction.atomic
def version_review(*, version_id: int, by: User, note: str) -> VersionReview:
    """Write down that somebody looked whether the published version still serves, and what was found."""
    check_editor(by)
    if not note.strip():
        raise InvalidError(_("Say what you found: the note is kept with the version."), code="note_required")
    version = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version_id)
    if version.state != MatrixVersion.State.PUBLISHED:
        raise ConflictError(
            _("Only the version that judges now is reviewed."), code="not_published", extra={"state": version.state}
        )
    review = VersionReview.objects.create(version=version, reviewed_by=by, note=note.strip())
    audit_record(action="version.review", subject_type="matrix_version", subject_id=version.pk, actor=by)
    return review


def reviews_ask() -> int:
    """Tell those who sign, once, of each version that nobody looked at for a quarter; answers of how many."""
    now = timezone.now()
    return sum(_ask(version_id, now) for version_id in _due(now))


def _due(now: datetime) -> dict[int, datetime]:
    """Published versions of which nobody was told since their last look, or their publication, which is longer ago than
    lint allows: by id, when that was."""
    looked = Coalesce(Max("reviews__reviewed_at"), F("published_at"))
    rows = MatrixVersion.objects.filter(state=MatrixVersion.State.PUBLISHED).annotate(looked_at=looked).order_by("pk")
    not_asked = Q(review_asked_at=None) | Q(review_asked_at__lte=F("looked_at"))
    due = rows.filter(not_asked, looked_at__lte=now - timedelta(days=REVIEW_DAYS + 1))
    return dict(due.values_list("pk", "looked_at"))


@transaction.atomic
def _ask(version_id: int, now: datetime) -> bool:
    rows = MatrixVersion.objects.select_related("model").select_for_update(no_key=True, of=("self",), skip_locked=True)
    version = rows.filter(pk=version_id).first()
    # Asked again under the lock: another process may have told them meanwhile.
    looked_at = _due(now).get(version_id)
    if version is None or looked_at is None:
        return False
    version.review_asked_at = now
    version.save(update_fields=["review_asked_at", "updated_at"])
    tell_review_due(version, days=(now - looked_at).days)
    return True
