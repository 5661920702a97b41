"""Rolling back: a new version equal to one that judged before. What was judged by it comes out the same again."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Need, publication_need
from accounts.services import audit_record
from kernel.errors import ConflictError
from scoring.models import MatrixVersion
from scoring.services.locks import current_versions_switch
from scoring.services.matrices import version_create
from scoring.services.publication import Terms, check_need, version_switch
from scoring.services.reviewing import check_editor, check_errors, version_submitted, warnings_accept_all
from scoring.services.runs import population_count

State = MatrixVersion.State


def version_roll_back(*, version_id: int, by: User, reason: str = "", quiet: bool = False) -> MatrixVersion:
    """A version in review that is equal to this retired one; by an administrator with a reason it judges at once.

    Its warnings are accepted, for it stood before. Raises NotAllowedError, ConflictError where the version is not one
    that was replaced, InvalidError where lint finds errors in it by now.
    """
    check_editor(by)
    terms = Terms(reason=reason.strip(), quiet=quiet)
    is_published_too = bool(terms.reason) and publication_need(by.role) is Need.REASON
    population = population_count() if is_published_too else 0
    with transaction.atomic():
        if is_published_too:
            current_versions_switch()
        old = MatrixVersion.objects.select_related("model__active_version").get(pk=version_id)
        if old.state != State.RETIRED:
            raise ConflictError(
                _("This version judges now: there is nothing to roll back to.")
                if old.state == State.PUBLISHED
                else _("This version was never published: edit it, or make a new version from it."),
                code="not_retired",
                extra={"state": old.state},
            )
        made = version_create(model=old.model, document=old.document, by=by, origin=f"rollback:{old.number}")
        check_errors(made)
        warnings_accept_all(made, by=by, reason=_("Rolled back to version %(number)s.") % {"number": old.number})
        version_submitted(made, by=by)
        audit_record(
            action="version.roll_back",
            subject_type="matrix_version",
            subject_id=made.pk,
            actor=by,
            details={"model": old.model.slug, "number": made.number, "to": old.number, "reason": terms.reason},
        )
        if is_published_too:
            is_emergency = check_need(made, by=by, reason=terms.reason)
            version_switch(made, by=by, terms=terms, is_emergency=is_emergency, population=population)
    return made
