"""Notes of colleagues about a lead. Who may see the lead is the door's business; who may touch a note is ours."""

from django.db import transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from crm.models import Note
from kernel.errors import BadRequestError, NotAllowedError
from kernel.json import unsafe_text

LONGEST = 10_000


@transaction.atomic
def note_add(*, lead_id: int, text: str, by: User) -> Note:
    """Keep a note about a lead. Raises BadRequestError for an empty one and for one that is too long."""
    return Note.objects.create(lead_id=lead_id, author=by, text=_read(text))


@transaction.atomic
def note_edit(*, note_id: int, text: str, by: User) -> Note:
    """Write one's own note anew. Raises Note.DoesNotExist, NotAllowedError for somebody else's."""
    note = Note.objects.select_for_update().get(pk=note_id)
    if not may_edit(note, by):
        raise NotAllowedError(_("Only who wrote a note may change it."), code="not_your_note")
    read = _read(text)
    if read != note.text:
        note.text, note.edited_at = read, timezone.now()
        note.save()
    return note


@transaction.atomic
def note_delete(*, note_id: int, by: User) -> None:
    """Take a note away for good: one's own, or anybody's for an administrator, which the audit log keeps."""
    note = Note.objects.select_for_update().get(pk=note_id)
    if not may_delete(note, by):
        raise NotAllowedError(_("Only who wrote a note, or an administrator, may delete it."), code="not_your_note")
    audit_record(
        action="note.delete",
        subject_type="lead",
        subject_id=note.lead_id,
        actor=by,
        details={"note": note.pk, "author": note.author_id},
    )
    note.delete()


@transaction.atomic
def note_pin(*, note_id: int, is_pinned: bool) -> Note:
    """Hold a note at the top for everybody, or let it go again."""
    note = Note.objects.select_for_update().get(pk=note_id)
    note.is_pinned = is_pinned
    note.save(update_fields=["is_pinned", "updated_at"])
    return note


def may_edit(note: Note, by: User) -> bool:
    return note.author_id == by.pk


def may_delete(note: Note, by: User) -> bool:
    return note.author_id == by.pk or by.is_administrator


def _read(text: str) -> str:
    read = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not read:
        raise BadRequestError(_("Write something first."), code="required")
    if len(read) > LONGEST:
        detail = _(
            "A note has room for %(most)s characters; this one has %(has)s. Shorten it, or make two notes of it."
        )
        sizes = {
            "most": number_format(LONGEST, force_grouping=True),
            "has": number_format(len(read), force_grouping=True),
        }
        raise BadRequestError(detail % sizes, code="too_long")
    if unsafe_text(read):
        raise BadRequestError(_("The note holds a character that cannot be stored. Take it out."), code="bad_text")
    return read
