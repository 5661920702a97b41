"""One's own edits of a draft, taken back and brought again; what others did stays.

Edits that were made together share a revision and go together. A group that takes another back names it in `undoes`: of
an edit it is an undo, of an undo a redo. So the log alone says what can be undone, for each person apart, and no web
worker remembers anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.errors import ConflictError
from scoring.models import MatrixVersion, VersionEdit
from scoring.services.matrices import Edit, version_edit

#: Equal to no value of a document.
_OF_OTHERS: Final = object()


@dataclass(frozen=True, kw_only=True)
class Done:
    """One person's edits of a version, newest first: what an undo would take back, and a redo bring again."""

    to_undo: Sequence[int]
    to_redo: Sequence[int]


def undo_state(*, version: MatrixVersion, by: User) -> dict[str, bool]:
    """Whether there is something to undo and to redo; one query."""
    done = done_by(version, by)
    return {"canUndo": bool(done.to_undo), "canRedo": bool(done.to_redo)}


def done_by(version: MatrixVersion, by: User) -> Done:
    """Revisions, the next one first."""
    rows = VersionEdit.objects.filter(version=version, edited_by=by).order_by("revision").distinct()
    undo: list[int] = []
    redo: list[int] = []
    for revision, undoes in rows.values_list("revision", "undoes"):
        if undoes is None:
            undo.append(revision)
            redo.clear()
        elif undoes in redo:
            redo.remove(undoes)
            undo.append(revision)
        elif undoes in undo:
            undo.remove(undoes)
            redo.append(revision)
    return Done(to_undo=undo[::-1], to_redo=redo[::-1])


@transaction.atomic
def version_undo(
    *, version: MatrixVersion, by: User, over: Collection[int] = (), found: Mapping[str, object] | None = None
) -> MatrixVersion:
    """Take back one's newest edits that still stand.

    `over` are revisions to leave alone; `found` says by path what is known to stand there now and is overwritten all the
    same. Raises ConflictError where nothing is left to undo, or somebody changed a value since.
    """
    return _taken_back(version, by, over, found or {}, is_redo=False)


@transaction.atomic
def version_redo(
    *, version: MatrixVersion, by: User, over: Collection[int] = (), found: Mapping[str, object] | None = None
) -> MatrixVersion:
    """Bring again what one's newest undo took back, as long as one edited nothing since. Refuses as `version_undo` does."""
    return _taken_back(version, by, over, found or {}, is_redo=True)


def _taken_back(
    version: MatrixVersion, by: User, over: Collection[int], found: Mapping[str, object], *, is_redo: bool
) -> MatrixVersion:
    # Locked before the log is read: two windows of one person must not take the same back twice.
    locked = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    done = done_by(locked, by)
    revision = next((each for each in (done.to_redo if is_redo else done.to_undo) if each not in over), None)
    if revision is None:
        raise ConflictError(
            _("You have taken nothing back that could be brought again.")
            if is_redo
            else _("You have changed nothing here that could be undone."),
            code="nothing_to_redo" if is_redo else "nothing_to_undo",
        )
    rows = list(VersionEdit.objects.filter(version=locked, revision=revision, edited_by=by).order_by("-pk"))
    # Whoever set a value anew means it, also where it is the same again.
    later = VersionEdit.objects.filter(version=locked, revision__gt=revision, path__in=[each.path for each in rows])
    of_others = set(later.exclude(edited_by=by).values_list("path", flat=True))
    edits = [
        Edit(
            path=each.path,
            before=found.get(each.path, _OF_OTHERS if each.path in of_others else each.after),
            after=each.before,
            position=each.position,
        )
        for each in rows
    ]
    try:
        return version_edit(version=locked, edits=edits, by=by, undoes=revision)
    except ConflictError as conflict:
        left = {each.path: each.after for each in rows}.get(str(conflict.extra.get("path")))
        extra = {**conflict.extra, "before": left, "undoes": revision}
        raise ConflictError(conflict.detail, code=conflict.code, extra=extra) from conflict
