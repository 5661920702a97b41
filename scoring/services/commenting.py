"""People talk about a version: a thread for each criterion and one for the whole.

A mention stands in the text as `@{ID}` with the id of the person, so that it stays right when they change their name.
Every verb locks the version's row: whoever settles a thread sees what was said until then. Its revision is raised, so
that all who have the version open see what was said.
"""

import re
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.rights import Action, may
from accounts.services import audit_record, notify
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import Comment, MatrixVersion

MENTIONED: Final = "comment_mention"
REPLIED: Final = "comment_reply"
LONGEST: Final = 5_000
MENTION: Final = re.compile(r"@\{(\d{1,18})\}")


def people_mentioned(text: str) -> list[int]:
    """The ids of the people a text mentions, each once, in the order of the text."""
    return list(dict.fromkeys(int(each) for each in MENTION.findall(text)))


def people_to_mention() -> list[User]:
    """Everybody who works here and may read matrices, by name."""
    roles = [role for role in Role if may(role, Action.MATRIX_VIEW)]
    return list(User.objects.filter(is_active=True, role__in=roles).order_by("name", "pk"))


@transaction.atomic
def comment_add(*, version_id: int, criterion: str, text: str, by: User) -> Comment:
    """Say something about a criterion, or with an empty `criterion` about the whole version.

    Whoever is mentioned is told, and so is everybody else of the thread; a settled thread is open again. Raises
    InvalidError for an empty text, a criterion that is not there, or a mention of somebody who may not read matrices.
    """
    version, text = _may_say(version_id, text, by)
    has_thread = Comment.objects.filter(version=version, criterion=criterion).exists()
    # A thread outlives its criterion; a new one needs it.
    if criterion and not has_thread and criterion not in _labels(version):
        raise InvalidError(_("There is no such criterion in this version any more."), code="no_such_criterion")
    mentioned = _mentioned(text)
    comment = Comment.objects.create(version=version, criterion=criterion, text=text, author=by)
    spoken = Comment.objects.filter(version=version, criterion=criterion).exclude(author=by)
    others = User.objects.filter(pk__in=[*spoken.values_list("author", flat=True), version.created_by_id or 0])
    told = {each.pk for each in mentioned}
    _tell(MENTIONED, comment, [each for each in mentioned if each != by], by)
    _tell(REPLIED, comment, [each for each in others if each.pk not in told and each != by], by)
    _note("version.comment", comment, by)
    return comment


@transaction.atomic
def comment_edit(*, comment_id: int, text: str, by: User) -> Comment:
    """Put one's own comment differently; who is mentioned for the first time is told."""
    comment = _own(comment_id, by)
    _version, text = _may_say(comment.version_id, text, by)
    known = set(people_mentioned(comment.text))
    mentioned = _mentioned(text)
    comment.text, comment.edited_at = text, timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    _tell(MENTIONED, comment, [each for each in mentioned if each.pk not in known and each != by], by)
    _note("version.comment_edit", comment, by)
    return comment


@transaction.atomic
def comment_delete(*, comment_id: int, by: User) -> None:
    """Take one's own comment back."""
    comment = _own(comment_id, by)
    _check_editor(by)
    _note("version.comment_delete", comment, by)
    comment.delete()


@transaction.atomic
def thread_settle(*, version_id: int, criterion: str, by: User) -> None:
    """Say that a thread is settled; whoever goes on talking opens it again. Raises ConflictError where nothing is open."""
    _check_editor(by)
    last = _last(version_id, criterion)
    if last is None or last.settled_at is not None:
        raise ConflictError(_("This thread is settled already, or its comments are gone."), code="not_open")
    last.settled_at, last.settled_by = timezone.now(), by
    last.save(update_fields=["settled_at", "settled_by"])
    _note("version.thread_settle", last, by)


@transaction.atomic
def thread_reopen(*, version_id: int, criterion: str, by: User) -> None:
    """Open a settled thread again. Raises ConflictError where it is open."""
    _check_editor(by)
    last = _last(version_id, criterion)
    if last is None or last.settled_at is None:
        raise ConflictError(_("This thread is open already, or its comments are gone."), code="not_settled")
    last.settled_at = last.settled_by = None
    last.save(update_fields=["settled_at", "settled_by"])
    _note("version.thread_reopen", last, by)


def thread_url(version_id: int, criterion: str) -> str:
    """Where a thread is read."""
    return f"/admin/workbench/{version_id}/?tab=comments&thread={criterion}"


def _may_say(version_id: int, text: str, by: User) -> tuple[MatrixVersion, str]:
    _check_editor(by)
    text = text.strip()
    if not text:
        raise InvalidError(_("Write something first."), code="empty")
    if len(text) > LONGEST:
        raise InvalidError(_("Say it in at most %(most)s characters.") % {"most": LONGEST}, code="too_long")
    return _locked(version_id), text


def _check_editor(by: User) -> None:
    if not may(by.role, Action.DRAFT_EDIT):
        raise NotAllowedError(_("You may read what is said here and not take part."), code="read_only")


def _locked(version_id: int) -> MatrixVersion:
    rows = MatrixVersion.objects.select_related("model").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=version_id)


def _own(comment_id: int, by: User) -> Comment:
    # The version before the comment, as everybody who writes here locks them.
    version_id = Comment.objects.filter(pk=comment_id).values_list("version", flat=True).first()
    version = _locked(version_id) if version_id is not None else None
    comment = Comment.objects.filter(pk=comment_id, version=version).first() if version else None
    if comment is None or version is None:
        raise ConflictError(_("This comment was deleted meanwhile."), code="comment_gone")
    if comment.author_id != by.pk:
        raise NotAllowedError(_("Only who wrote a comment changes or deletes it."), code="not_your_comment")
    comment.version = version
    return comment


def _last(version_id: int, criterion: str) -> Comment | None:
    version = _locked(version_id)
    last = Comment.objects.filter(version=version, criterion=criterion).order_by("pk").last()
    if last is not None:
        last.version = version
    return last


def _mentioned(text: str) -> list[User]:
    ids = people_mentioned(text)
    found = User.objects.in_bulk(ids)
    for each in ids:
        person = found.get(each)
        if person is None:
            raise InvalidError(_("Somebody you mention does not work here."), code="no_such_person")
        if not person.is_active or not may(person.role, Action.MATRIX_VIEW):
            raise InvalidError(
                _("%(name)s may not open matrices and would not see this: mention somebody else.")
                % {"name": str(person)},
                code="may_not_read",
            )
    return [found[each] for each in ids]


def _tell(kind: str, comment: Comment, users: Iterable[User], by: User) -> None:
    readers = [each for each in users if may(each.role, Action.MATRIX_VIEW)]
    version = comment.version
    notify(
        users=sorted(readers, key=lambda user: user.pk),
        kind=kind,
        params={
            "version": version.pk,
            "model": version.model.name,
            "number": version.number,
            "who": str(by),
            "about": _labels(version).get(comment.criterion, comment.criterion),
        },
        url=thread_url(version.pk, comment.criterion),
    )


def _labels(version: MatrixVersion) -> dict[str, str]:
    criteria = version.document.get("criteria", [])
    return {each["key"]: each.get("label") or each["key"] for each in criteria}


def _note(action: str, comment: Comment, by: User) -> None:
    """What was said stands in the comment alone: the audit log keeps that it was."""
    MatrixVersion.objects.filter(pk=comment.version_id).update(revision=F("revision") + 1, updated_at=timezone.now())
    audit_record(
        action=action,
        subject_type="matrix_version",
        subject_id=comment.version_id,
        actor=by,
        details={"comment": comment.pk, "criterion": comment.criterion},
    )
