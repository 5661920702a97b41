"""Signatures under a version in review: one of sales and one of marketing, by two people, one of whom did not write it.

Each verb locks the version's row, as editing and publishing do: whoever comes second sees what the first one did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Side, signs_for
from accounts.services import audit_record
from kernel.errors import ConflictError, NotAllowedError
from scoring.models import MatrixVersion, PlannedPublication, SignOff, VersionEdit
from scoring.services.telling import tell_refused, tell_signed

State = MatrixVersion.State


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """The signatures that hold for a version's document as it stands, and who wrote it."""

    given: Sequence[SignOff]
    authors: frozenset[int]

    def of(self, side: Side) -> SignOff | None:
        return next((each for each in self.given if each.side == side), None)

    @property
    def is_complete(self) -> bool:
        """Both sides, two people, and not the authors alone."""
        people = {each.signed_by_id for each in self.given}
        return all(self.of(side) for side in Side) and len(people) > 1 and not people <= self.authors


def signatures_of(version: MatrixVersion) -> Signatures:
    """Two queries and a third for names. A signature under another document does not count."""
    rows = SignOff.objects.filter(version=version, checksum=version.checksum).select_related("signed_by")
    return Signatures(given=list(rows), authors=authors_of(version))


def authors_of(version: MatrixVersion) -> frozenset[int]:
    """Who made the version and whoever edited it."""
    edited = VersionEdit.objects.filter(version=version).exclude(edited_by=None)
    ids = set(edited.order_by().values_list("edited_by", flat=True).distinct())
    return frozenset(ids | ({version.created_by_id} if version.created_by_id else set()))


@transaction.atomic
def version_sign(*, version_id: int, by: User, checksum: str | None = None) -> SignOff:
    """Sign for the side of one's role. `checksum` is of the document that was read: another one is not signed unseen.

    Raises NotAllowedError for who does not sign or wrote the version together with the other who signed, ConflictError
    where it is not in review, was edited meanwhile, or is signed already.
    """
    side = signs_for(by.role)
    if side is None:
        raise NotAllowedError(
            _("A sales manager signs for sales and a marketer for marketing; nobody else signs."), code="no_signer"
        )
    version = (
        MatrixVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("model").get(pk=version_id)
    )
    _check_in_review(version)
    if checksum is not None and checksum != version.checksum:
        raise ConflictError(
            _("Somebody edited this version since you read it: look at it again before you sign."),
            code="edited_meanwhile",
        )
    SignOff.objects.filter(version=version).exclude(checksum=version.checksum).delete()
    signatures = signatures_of(version)
    _check_signer(signatures, side, by)
    made = SignOff.objects.create(version=version, side=side, checksum=version.checksum, signed_by=by)
    audit_record(
        action="version.sign",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"side": str(side), "checksum": version.checksum},
    )
    _raise_revision(version)
    others = [each.signed_by for each in signatures.given]
    tell_signed(version, by, side, is_complete=bool(others), others=others)
    return made


@transaction.atomic
def signature_withdraw(*, version_id: int, by: User) -> None:
    """Take back one's own signature. Raises ConflictError where there is none, or the version is published."""
    version = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version_id)
    _check_in_review(version)
    mine = SignOff.objects.filter(version=version, signed_by=by).first()
    if mine is None:
        raise ConflictError(_("You have not signed this version: there is nothing to take back."), code="not_signed")
    mine.delete()
    audit_record(
        action="version.unsign",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"side": mine.side, "checksum": mine.checksum},
    )
    _raise_revision(version)


def signatures_clear(version: MatrixVersion, by: User | None) -> None:
    """What was signed or planned is no longer what stands. Called under the lock of the version's row."""
    cleared = list(SignOff.objects.filter(version=version).order_by("side").values_list("side", flat=True))
    if cleared:
        SignOff.objects.filter(version=version).delete()
        audit_record(
            action="version.signatures_clear",
            subject_type="matrix_version",
            subject_id=version.pk,
            actor=by,
            details={"sides": cleared},
        )
    plan = PlannedPublication.objects.filter(version=version, refusal="").select_related("planned_by").first()
    if plan is not None:
        plan.refusal = _("It was changed after its publication was planned: plan it again.")
        plan.save(update_fields=["refusal"])
        tell_refused(version, plan.planned_by, refusal=plan.refusal)


def _check_in_review(version: MatrixVersion) -> None:
    if version.state != State.IN_REVIEW:
        raise ConflictError(
            _("This version is not in review: submit it first.")
            if version.state == State.DRAFT
            else _("This version was published and stays as it is: nothing is left to sign."),
            code="not_in_review",
            extra={"state": version.state},
        )


def _check_signer(signatures: Signatures, side: Side, by: User) -> None:
    mine = next((each for each in signatures.given if each.signed_by_id == by.pk), None)
    if mine is not None:
        raise ConflictError(
            _("You have signed this version already."), code="signed_already", extra={"side": mine.side}
        )
    theirs = signatures.of(side)
    if theirs is not None:
        raise ConflictError(
            _("%(name)s has signed for this side already.") % {"name": theirs.signed_by.name or theirs.signed_by.email},
            code="side_signed",
            extra={"side": str(side)},
        )
    if {by.pk, *(each.signed_by_id for each in signatures.given)} <= signatures.authors and signatures.given:
        raise NotAllowedError(
            _("Both who would sign wrote this version: one signature must be of somebody who did not."),
            code="authors_alone",
        )


def _raise_revision(version: MatrixVersion) -> None:
    """Whoever looks at the version learns that something happened to it."""
    version.revision += 1
    version.save(update_fields=["revision", "updated_at"])
