"""Who works here: what is changed about people and teams, with the rules nobody gets around."""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, Team, User
from accounts.rights import Action, Reach, reach
from accounts.services.audit import audit_record
from kernel.errors import ConflictError, InvalidError, NotAllowedError

# What a manager arranges for the team; everything else about somebody stays with administrators.
WORK_FIELDS = ("weekly_capacity", "absent_from", "absent_until")
ALL_FIELDS = ("name", "role", "team", "time_zone", "language", *WORK_FIELDS)
# What everybody may say of themselves.
OWN_FIELDS = ("name", "time_zone", "language", "absent_from", "absent_until", "muted_kinds", "emailed_kinds")


def fields_open(*, person: User, by: User) -> tuple[str, ...]:
    """What `by` may change about a person; nothing where the person is not theirs to change."""
    how_far = reach(by.role, Action.USER_MANAGE)
    if how_far is Reach.ALL:
        return ALL_FIELDS
    is_of_team = by.team_id is not None and person.team_id == by.team_id
    return WORK_FIELDS if how_far is Reach.TEAM and is_of_team else ()


@transaction.atomic
def person_change(*, person_id: int, changes: Mapping[str, Any], by: User) -> User:
    """Change somebody; a changed role ends their sessions, since the key of a session holds it.

    Raises NotAllowedError for a field that is not `by`'s to change, ConflictError where nobody would administer any more.
    """
    # All administrators are locked, so that two of them cannot step down at the same moment.
    administrators = list(_administrators_locked())
    person = User.objects.select_for_update().get(pk=person_id)
    changed = {name: value for name, value in changes.items() if getattr(person, name) != value}
    if not set(changed) <= set(fields_open(person=person, by=by)):
        raise NotAllowedError(
            _("Only an administrator changes this. You can change capacity and absence of your team."),
            code="field_not_yours",
        )
    _absence_check(person, changed)
    if "role" in changed and [each.pk for each in administrators] == [person.pk]:
        raise ConflictError(
            _("This is the last administrator. Make somebody else an administrator first."), code="last_administrator"
        )
    if not changed:
        return person
    details: dict[str, object] = {"fields": sorted(changed)}
    if "role" in changed:
        details["role"] = [person.role, changed["role"]]
    if "team" in changed:
        details["team"] = [person.team_id, changed["team"].pk if changed["team"] else None]
    for name, value in changed.items():
        setattr(person, name, value)
    person.save(update_fields=[*changed, "updated_at"])
    audit_record(action="user.change", subject_type="user", subject_id=person.pk, actor=by, details=details)
    return person


@transaction.atomic
def profile_change(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change what is one's own to say. Raises NotAllowedError for anything else."""
    if not set(changes) <= set(OWN_FIELDS):
        raise NotAllowedError(_("This is not yours to change."), code="field_not_yours")
    person = User.objects.select_for_update().get(pk=user.pk)
    _absence_check(person, changes)
    for name, value in changes.items():
        setattr(person, name, value)
    person.save(update_fields=[*changes, "updated_at"])
    return person


@transaction.atomic
def second_factor_reset(*, person_id: int, by: User) -> bool:
    """Take away somebody's second factor, for who lost the phone; they set up a new one at the next sign-in.

    False where there was none. Nobody does it for themselves: a stolen session must not end the factor it lacks.
    """
    if reach(by.role, Action.USER_MANAGE) is not Reach.ALL or person_id == by.pk:
        raise NotAllowedError(
            _("Two-step sign-in is reset by another administrator, never by oneself."), code="not_yours_to_reset"
        )
    removed, _by_model = Authenticator.objects.filter(user_id=person_id).delete()
    if removed:
        audit_record(action="user.second_factor_reset", subject_type="user", subject_id=person_id, actor=by)
    return bool(removed)


@transaction.atomic
def team_save(*, name: str, by: User, team_id: int | None = None) -> Team:
    """Make a team, or rename one. Raises ConflictError where another has the name already."""
    if reach(by.role, Action.USER_MANAGE) is not Reach.ALL:
        raise NotAllowedError(_("Only an administrator makes or renames teams."), code="not_yours")
    name = " ".join(name.split())
    if not name:
        raise InvalidError(_("A team needs a name."), code="name_missing")
    if Team.objects.filter(name__iexact=name).exclude(pk=team_id or 0).exists():
        raise ConflictError(_("There is a team of this name already."), code="team_exists")
    team = Team() if team_id is None else Team.objects.select_for_update().get(pk=team_id)
    team.name = name
    team.save()
    audit_record(action="team.rename" if team_id else "team.create", subject_type="team", subject_id=team.pk, actor=by)
    return team


def _administrators_locked() -> Any:
    return User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")


def _absence_check(person: User, changes: Mapping[str, Any]) -> None:
    first = changes.get("absent_from", person.absent_from)
    until = changes.get("absent_until", person.absent_until)
    if first and until is None:
        raise InvalidError(_("Say until when the absence lasts: the day of return."), code="absence_open")
    if first and until <= first:
        raise InvalidError(_("The day of return comes after the first day of absence."), code="absence_backwards")
