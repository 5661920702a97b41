"""Who hears what of a version's way from draft to publication. The sentences stand in scoring.wording.told."""

from collections.abc import Collection, Iterable

from accounts.models import Role, User
from accounts.rights import Action, Side, may, signs_for
from accounts.services import notify
from scoring.models import MatrixVersion

SUBMITTED = "version_submitted"
SIGNED = "version_signed"
PUBLISHED = "version_published"
REFUSED = "publication_refused"
REVIEW_DUE = "version_review_due"


def signers(*sides: Side) -> list[User]:
    """Everybody who may sign for one of these sides; without sides, for either."""
    roles = [role for role in Role if (side := signs_for(role)) is not None and (not sides or side in sides)]
    return list(User.objects.filter(is_active=True, role__in=roles).order_by("pk"))


def tell_submitted(version: MatrixVersion, by: User) -> None:
    """The side that did not submit is asked for its signature; both where neither did."""
    own = signs_for(by.role)
    _tell(SUBMITTED, version, signers(*(side for side in Side if side != own)), but=[by], who=by.name or by.email)


def tell_signed(version: MatrixVersion, by: User, side: Side, *, is_complete: bool, others: Iterable[User]) -> None:
    """Who wrote, submitted or signed it."""
    people = {*others, *(each for each in (version.created_by, version.submitted_by) if each)}
    _tell(SIGNED, version, people, but=[by], who=by.name or by.email, side=str(side), is_complete=is_complete)


def tell_published(version: MatrixVersion, by: User) -> None:
    """Everybody who edits matrices."""
    roles = [role for role in Role if may(role, Action.DRAFT_EDIT)]
    people = User.objects.filter(is_active=True, role__in=roles).order_by("pk")
    _tell(PUBLISHED, version, people, but=[by], who=by.name or by.email, is_emergency=version.is_emergency)


def tell_refused(version: MatrixVersion, planned_by: User, *, refusal: str) -> None:
    """Who planned a publication that did not happen."""
    _tell(REFUSED, version, [planned_by], refusal=refusal)


def tell_review_due(version: MatrixVersion, *, days: int) -> None:
    """Everybody who signs."""
    _tell(REVIEW_DUE, version, signers(), days=days)


def _tell(
    kind: str, version: MatrixVersion, users: Iterable[User], *, but: Collection[User] = (), **params: object
) -> None:
    notify(
        users=sorted({user for user in users if user not in but}, key=lambda user: user.pk),
        kind=kind,
        params={"version": version.pk, "model": version.model.name, "number": version.number, **params},
        url=f"/admin/workbench/{version.pk}/?tab=review",
    )
