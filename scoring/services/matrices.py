"""Models and the versions of their matrices: made, and edited while they are drafts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError, Problem
from scoring.document_edits import MISSING, EditConflict, NoSuchPlace, document_edited
from scoring.engine import EngineError, InvalidMatrix, Matrix, checksum, parse_matrix
from scoring.models import MatrixVersion, ScoringModel, VersionEdit
from scoring.services.signatures import signatures_clear
from scoring.wording import problem_sentence

State = MatrixVersion.State


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change of a document: at `path` there is `before` and shall be `after`; None stands for nothing there."""

    path: str
    before: object = None
    after: object = None


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
    *, version: MatrixVersion, edits: Sequence[Edit], by: User | None, expected_revision: int | None = None
) -> MatrixVersion:
    """Apply all edits or none, and note each with who, when, before and after.

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
    document = locked.document
    rows = []
    for edit in edits:
        try:
            document, path = document_edited(
                document,
                path=edit.path,
                before=MISSING if edit.before is None else edit.before,
                after=MISSING if edit.after is None else edit.after,
            )
        except EditConflict as conflict:
            raise ConflictError(
                _("Somebody changed this value meanwhile: look at what stands there now and decide again."),
                code="edit_conflict",
                extra={"path": edit.path, "before": edit.before, "found": conflict.found},
            ) from conflict
        except NoSuchPlace as missing:
            raise ConflictError(
                _("What this edit speaks of is no longer there: look at the version as it is now."),
                code="no_such_place",
                extra={"path": edit.path},
            ) from missing
        rows.append(
            VersionEdit(
                version=locked,
                path=path,
                before=edit.before,
                after=edit.after,
                edited_by=by,
                revision=locked.revision + 1,
            )
        )
    matrix_checked(document)
    locked.document, locked.checksum = document, checksum(document)
    locked.revision += 1
    locked.state = State.DRAFT
    locked.save(update_fields=["document", "checksum", "revision", "state", "updated_at"])
    VersionEdit.objects.bulk_create(rows)
    signatures_clear(locked, by)
    audit_record(
        action="version.edit",
        subject_type="matrix_version",
        subject_id=locked.pk,
        actor=by,
        details={"paths": [row.path for row in rows], "checksum": locked.checksum},
    )
    return locked
