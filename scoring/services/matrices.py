"""Models and the versions of their matrices: made, and edited while they are drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError, Problem
from kernel.json import unsafe_text
from scoring.document_edits import MISSING, EditConflict, NoSuchPlace, document_edited, is_same, member_index
from scoring.engine import EngineError, InvalidMatrix, Matrix, checksum, parse_matrix
from scoring.models import MatrixVersion, ScoringModel, VersionEdit
from scoring.services.accepting import reasons_settle
from scoring.services.signatures import signatures_clear
from scoring.wording import problem_sentence

State = MatrixVersion.State
LONGEST_PATH: Final = 300


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change of a document: at `path` there is `before` and shall be `after`; None stands for nothing there.

    `position` is where in its list a member stands again that is put back by its key.
    """

    path: str
    before: object = None
    after: object = None
    position: int | None = None


def matrix_checked(document: object) -> Matrix:
    """The document as a matrix; raises InvalidError with every problem and its place."""
    try:
        return parse_matrix(document)
    except InvalidMatrix as error:
        raise InvalidError(
            _("This is not a valid matrix: mend what is listed and send it again."),
            code="invalid_matrix",
            problems=problems_of(error),
        ) from error


def problems_of(error: EngineError) -> list[Problem]:
    """The engine's problems as the kernel writes them, in the reader's language."""
    return [Problem(pointer=each.path, code=each.code, detail=problem_sentence(each)) for each in error.problems]


@transaction.atomic
def model_create(*, slug: str, name: str, by: User | None = None, priority: int = 100) -> ScoringModel:
    """A model without versions. Raises ConflictError where the key is taken."""
    model, is_new = ScoringModel.objects.get_or_create(slug=slug, defaults={"name": name, "priority": priority})
    if not is_new:
        raise ConflictError(
            _("There already is a model with the key %(slug)s: choose another.") % {"slug": slug}, code="slug_taken"
        )
    audit_record(
        action="model.create", subject_type="scoring_model", subject_id=model.pk, actor=by, details={"slug": slug}
    )
    return model


@transaction.atomic
def version_create(
    *, model: ScoringModel, document: object, by: User | None = None, origin: str = "", note: str = ""
) -> MatrixVersion:
    """A draft with the next number of its model. Raises InvalidError with every problem of the document."""
    matrix = matrix_checked(document)
    # Numbers are given one at a time, or two drafts made at once would ask for the same.
    ScoringModel.objects.select_for_update(no_key=True).get(pk=model.pk)
    last = MatrixVersion.objects.filter(model=model).aggregate(last=Max("number"))["last"] or 0
    version = MatrixVersion.objects.create(
        model=model,
        number=last + 1,
        document=document,
        checksum=matrix.checksum,
        created_by=by,
        origin=origin,
        note=note,
    )
    audit_record(
        action="version.create",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"model": model.slug, "number": version.number, "checksum": version.checksum, "origin": origin},
    )
    return version


@transaction.atomic
def version_edit(
    *,
    version: MatrixVersion,
    edits: Sequence[Edit],
    by: User | None,
    expected_revision: int | None = None,
    undoes: int | None = None,
) -> MatrixVersion:
    """Apply all edits or none, and note each with who, when, before and after, and which revision they take back, if one.

    Raises ConflictError where the version is no draft any more, where its revision is not the expected one, or where
    something else than an edit's `before` stands in its place by now (`extra` names the place and what is found);
    InvalidError where the result is no valid matrix. A version in review becomes a draft again.
    """
    locked = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if locked.state not in {State.DRAFT, State.IN_REVIEW}:
        raise ConflictError(
            _("This version was published and stays as it is: make a new version from it and edit that."),
            code="version_immutable",
            extra={"state": locked.state},
        )
    if expected_revision is not None and expected_revision != locked.revision:
        raise ConflictError(
            _("Somebody edited this version meanwhile: look at what changed and send your edit again."),
            code="stale_revision",
            extra={"revision": locked.revision},
        )
    document: object = locked.document
    rows = []
    for edit in edits:
        document, row = _applied(locked, document, edit)
        row.version, row.edited_by, row.revision, row.undoes = locked, by, locked.revision + 1, undoes
        # Where nothing changes there is nothing to note, but that something was taken back.
        if undoes is not None or not is_same(edit.before, edit.after):
            rows.append(row)
    if not rows:
        return locked
    matrix_checked(document)
    locked.document, locked.checksum = document, checksum(document)
    locked.revision += 1
    locked.state = State.DRAFT
    locked.save(update_fields=["document", "checksum", "revision", "state", "updated_at"])
    VersionEdit.objects.bulk_create(rows)
    signatures_clear(locked, by)
    reasons_settle(locked)
    audit_record(
        action="version.edit",
        subject_type="matrix_version",
        subject_id=locked.pk,
        actor=by,
        details={"paths": [row.path for row in rows], "checksum": locked.checksum},
    )
    return locked


def _applied(version: MatrixVersion, document: object, edit: Edit) -> tuple[object, VersionEdit]:
    """The document with the edit, and its line of the log. Raises ConflictError where it does not fit what stands there."""
    before, after = (MISSING if value is None else value for value in (edit.before, edit.after))
    try:
        position = member_index(document, edit.path) if edit.after is None else None
        edited, path = document_edited(document, path=edit.path, before=before, after=after, position=edit.position)
    except EditConflict as conflict:
        raise ConflictError(
            _("Somebody changed this value meanwhile: look at what stands there now and decide again."),
            code="edit_conflict",
            extra={
                "path": edit.path,
                "before": edit.before,
                "after": edit.after,
                "found": conflict.found,
                **_last_change(version, edit.path),
            },
        ) from conflict
    except NoSuchPlace as missing:
        raise _gone(edit) from missing
    if len(path) > LONGEST_PATH or unsafe_text(path):
        raise _gone(edit)
    return edited, VersionEdit(path=path, before=edit.before, after=edit.after, position=position)


def _last_change(version: MatrixVersion, path: str) -> dict[str, object]:
    """Who changed what stands at a path, and when; both None where nobody did."""
    above = [path[:end] for end, letter in enumerate(path) if letter == "/" and end] + [path]
    rows = VersionEdit.objects.filter(Q(path__in=above) | Q(path__startswith=f"{path}/"), version=version)
    last = rows.select_related("edited_by").first()
    if last is None:
        return {"who": None, "at": None}
    return {"who": str(last.edited_by) if last.edited_by else None, "at": last.edited_at.isoformat()}


def _gone(edit: Edit) -> ConflictError:
    return ConflictError(
        _("What this edit speaks of is no longer there: look at the version as it is now."),
        code="no_such_place",
        extra={"path": edit.path[:LONGEST_PATH]},
    )
