"""The review tab: how far a version has come, what blocks it, and what whoever looks may do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import Action, Need, Side, may, publication_need, signs_for
from scoring.engine.diff import diff
from scoring.engine.lint import Finding
from scoring.engine.lint.history import REVIEW_DAYS
from scoring.engine.matrix import Matrix
from scoring.engine.parse import parse_matrix
from scoring.models import AcceptedFinding, MatrixVersion, PlannedPublication, SignOff, VersionReview
from scoring.run_progress import RunProgress, run_progress
from scoring.services.observing import findings_of
from scoring.services.signatures import Signatures, signatures_of
from scoring.wording import change_sentence, finding_sentence

State = MatrixVersion.State
SIDES = {Side.SALES: gettext_lazy("sales"), Side.MARKETING: gettext_lazy("marketing")}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stop on the way: `state` is done, now or ahead; `detail` says by whom and when."""

    label: str
    state: str
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A warning in words, its address as a form names it, and why it is lived with; without a reason it waits for one."""

    code: str
    criteria: Sequence[str]
    sentence: str
    accepted: AcceptedFinding | None


@dataclass(frozen=True, kw_only=True)
class Can:
    """What the reader may do here and now; a sentence says what is missing where they might but cannot."""

    edit: bool
    submit: bool
    withdraw: bool
    sign: bool
    unsign: bool
    sign_missing: str
    publish: bool
    publish_missing: Sequence[str]
    needs_reason: bool
    roll_back: bool
    review: bool


@dataclass(frozen=True, kw_only=True)
class ReviewShown:
    """The whole tab."""

    version: MatrixVersion
    steps: Sequence[Step]
    # Against the version that judges now; None where there is no other.
    changes: Sequence[str] | None
    errors: Sequence[str]
    warnings: Sequence[Warned]
    reminders: Sequence[str]
    signatures: Signatures
    can: Can
    plan: PlannedPublication | None
    progress: RunProgress | None
    reviews: Sequence[VersionReview]
    review_due_at: datetime | None
    is_review_due: bool
    earlier: Sequence[MatrixVersion]

    @property
    def unexplained(self) -> Sequence[Warned]:
        return [each for each in self.warnings if each.accepted is None]

    @property
    def is_open(self) -> bool:
        """Whether it may still become the one that judges."""
        return self.version.state in {State.DRAFT, State.IN_REVIEW}

    @property
    def is_judging(self) -> bool:
        return bool(self.version.state == State.PUBLISHED)


def review_shown(version: MatrixVersion, user: User) -> ReviewShown:
    """A constant number of queries, whoever looks and however long the history."""
    matrix = parse_matrix(version.document)
    found = findings_of(version)
    signatures = signatures_of(version)
    errors = [finding_sentence(each, matrix) for each in found if each.severity == "error"]
    warnings = _warnings(version, matrix, found)
    reviews = list(VersionReview.objects.filter(version=version).select_related("reviewed_by")[:5])
    looked_at = reviews[0].reviewed_at if reviews else version.published_at
    is_judging = version.state == State.PUBLISHED
    due_at = looked_at + timedelta(days=REVIEW_DAYS) if looked_at and is_judging else None
    progress = run_progress(model_id=version.model_id) if is_judging else None
    return ReviewShown(
        version=version,
        steps=_steps(version, signatures),
        changes=_changes(version, matrix),
        errors=errors,
        warnings=warnings,
        reminders=[finding_sentence(each, matrix) for each in found if each.severity == "reminder"],
        signatures=signatures,
        can=_can(version, user, signatures, has_errors=bool(errors), unexplained=not all(w.accepted for w in warnings)),
        plan=PlannedPublication.objects.filter(version=version).select_related("planned_by").first(),
        progress=progress,
        reviews=reviews,
        review_due_at=due_at,
        is_review_due=due_at is not None and due_at <= timezone.now(),
        earlier=_earlier(version),
    )


def _changes(version: MatrixVersion, matrix: Matrix) -> list[str] | None:
    active = version.model.active_version
    if active is None or active.pk == version.pk or version.state not in {State.DRAFT, State.IN_REVIEW}:
        return None
    return [change_sentence(each) for each in diff(parse_matrix(active.document), matrix)]


def _warnings(version: MatrixVersion, matrix: Matrix, found: Sequence[Finding]) -> list[Warned]:
    rows = AcceptedFinding.objects.filter(version=version).select_related("accepted_by")
    reasons = {(each.code, tuple(each.criteria)): each for each in rows}
    return [
        Warned(
            code=each.code,
            criteria=sorted(each.criteria),
            sentence=finding_sentence(each, matrix),
            accepted=reasons.get((each.code, tuple(sorted(each.criteria)))),
        )
        for each in found
        if each.severity == "warning"
    ]


def _steps(version: MatrixVersion, signatures: Signatures) -> list[Step]:
    order = [State.DRAFT, State.IN_REVIEW, State.PUBLISHED, State.RETIRED]
    reached = order.index(State(version.state))

    def state(step: State) -> str:
        at = order.index(step)
        return "done" if at < reached else "now" if at == reached else "ahead"

    # A version that an administrator published without review never was in it.
    skipped = reached > 1 and version.submitted_at is None
    return [
        Step(label=_("Draft"), state=state(State.DRAFT), detail=_name(version.created_by), at=version.created_at),
        Step(
            label=_("In review"),
            state="skipped" if skipped else state(State.IN_REVIEW),
            detail=_name(version.submitted_by) if reached else "",
            at=version.submitted_at if reached else None,
        ),
        *(_signed(side, signatures.of(side), is_past=reached > 1) for side in Side),
        Step(
            label=_("Published"),
            state=state(State.PUBLISHED),
            detail=_name(version.published_by),
            at=version.published_at,
        ),
        Step(label=_("Retired"), state=state(State.RETIRED), at=version.retired_at),
    ]


def _signed(side: Side, given: SignOff | None, *, is_past: bool) -> Step:
    label = _("Signed by %(side)s") % {"side": SIDES[side]}
    if given is None:
        return Step(label=label, state="skipped" if is_past else "ahead")
    return Step(label=label, state="done", detail=_name(given.signed_by), at=given.signed_at)


def _can(version: MatrixVersion, user: User, signatures: Signatures, *, has_errors: bool, unexplained: bool) -> Can:
    edits = may(user.role, Action.DRAFT_EDIT)
    is_draft, is_in_review = version.state == State.DRAFT, version.state == State.IN_REVIEW
    is_open = is_draft or is_in_review
    need = publication_need(user.role)
    has_signed = any(each.signed_by_id == user.pk for each in signatures.given)
    sign_missing = _sign_missing(user, signatures) if is_in_review else ""
    is_complete = is_in_review and signatures.is_complete
    missing = _publish_missing(version, signatures, has_errors=has_errors)
    return Can(
        edit=edits,
        submit=edits and is_draft and not has_errors and not unexplained,
        withdraw=edits and is_in_review,
        sign=is_in_review and signs_for(user.role) is not None and not sign_missing,
        unsign=is_in_review and has_signed,
        sign_missing=sign_missing,
        publish=need is not None and is_open and not has_errors and (is_complete or need is Need.REASON),
        publish_missing=missing if is_open else [],
        needs_reason=need is Need.REASON and not is_complete,
        roll_back=edits and version.state == State.RETIRED,
        review=edits and version.state == State.PUBLISHED,
    )


def _sign_missing(user: User, signatures: Signatures) -> str:
    side = signs_for(user.role)
    if side is None:
        return _("A sales manager signs for sales, a marketer for marketing.")
    if any(each.signed_by_id == user.pk for each in signatures.given):
        return _("You have signed.")
    theirs = signatures.of(side)
    if theirs is not None:
        return _("%(name)s has signed for your side.") % {"name": _name(theirs.signed_by)}
    if signatures.given and {user.pk, *(each.signed_by_id for each in signatures.given)} <= signatures.authors:
        return _("You and whoever signed both wrote this version: somebody else of your side must sign.")
    return ""


def _publish_missing(version: MatrixVersion, signatures: Signatures, *, has_errors: bool) -> list[str]:
    missing = [_("Errors block its publication: mend them first.")] if has_errors else []
    if version.state == State.DRAFT:
        return [*missing, _("It is a draft: submit it for review.")]
    for side in Side:
        if signatures.of(side) is None:
            missing.append(_("The signature of %(side)s is missing.") % {"side": SIDES[side]})
    return missing


def _earlier(version: MatrixVersion) -> list[MatrixVersion]:
    """Versions that judged before the one that judges now, the last one first: where a roll back leads."""
    rows = MatrixVersion.objects.filter(model=version.model_id, state=State.RETIRED).exclude(pk=version.pk)
    if version.state != State.PUBLISHED:
        return []
    return list(rows.select_related("model").defer("document").order_by("-retired_at", "-number")[:3])


def _name(user: User | None) -> str:
    return (user.name or user.email) if user else ""
