"""Somebody leaves: who follows them, and what goes along. Composed here, because it needs every floor."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.rights import Action, Reach, reach
from accounts.services import audit_record, notify
from crm.models import Company, Lead
from crm.services.owners import leads_pass_on
from crm.services.retrying import retried
from handoff.models import Handoff
from handoff.services import handoffs_pass_on
from handoff.services.lead_rows import leads_lock
from kernel.errors import ConflictError, InvalidError, NotAllowedError

# Whose leads and hand-offs can be.
SALES = (Role.REP, Role.SALES_MANAGER)


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """What somebody would leave behind, or left: leads that live, companies, open hand-offs."""

    leads: int
    companies: int
    handoffs: int

    @property
    def has_any(self) -> bool:
        return bool(self.leads or self.companies or self.handoffs)


def belongings_of(user: User) -> Belongings:
    """What is somebody's now."""
    return Belongings(
        leads=Lead.objects.filter(owner=user, merged_into=None).count(),
        companies=Company.objects.filter(owner=user).count(),
        handoffs=Handoff.objects.filter(owner=user, closed_at=None).count(),
    )


def may_let_leave(by: User) -> bool:
    """Whether somebody lets people leave: administrators."""
    return reach(by.role, Action.USER_MANAGE) is Reach.ALL


def person_leave(*, user: User, successor: User | None, by: User) -> Belongings:
    """Let somebody go: they can no longer sign in, and what is theirs is the successor's, or nobody's and dealt anew.

    In one transaction: 1. lock the people, 2. check, 3. lock every lead that changes hands in the order of their ids,
    4. end the person's access, which ends every session at its next request, 5. leads, 6. companies, 7. hand-offs,
    8. tell the successor, 9. audit. Raises NotAllowedError, ConflictError for who has left, oneself and the last
    administrator, InvalidError for a successor who cannot be one.
    """
    return retried(lambda: _leave(user.pk, successor.pk if successor else None, by))


def _leave(user_id: int, successor_id: int | None, by: User) -> Belongings:
    concerned = Q(pk__in=[user_id, successor_id]) | Q(role=Role.ADMINISTRATOR, is_active=True)
    people = {each.pk: each for each in User.objects.select_for_update(no_key=True).filter(concerned).order_by("pk")}
    leaver = people[user_id]
    successor = people.get(successor_id) if successor_id is not None else None
    _check(leaver, successor_id, successor, people, by)
    found = belongings_of(leaver)
    handed_off = Handoff.objects.filter(owner=leaver, closed_at=None).values("lead")
    leads_lock(Lead.objects.filter(Q(owner=leaver) | Q(pk__in=handed_off)).values_list("pk", flat=True))
    leaver.is_active, leaver.left_at, leaver.successor = False, timezone.now(), successor
    leaver.save(update_fields=["is_active", "left_at", "successor", "updated_at"])
    given = leads_pass_on(leaver=leaver, successor=successor, by=by)
    handoffs = handoffs_pass_on(leaver=leaver, successor=successor, by=by)
    passed = Belongings(leads=found.leads, companies=given.companies, handoffs=handoffs)
    if successor is not None and passed.has_any:
        notify(
            users=[successor],
            kind="leads_passed_on",
            params={
                "name": leaver.name or leaver.email,
                "leads": passed.leads,
                "companies": passed.companies,
                "handoffs": passed.handoffs,
            },
            url=reverse("queue") if passed.handoffs else reverse("leads"),
        )
    audit_record(
        action="user.leave",
        subject_type="user",
        subject_id=leaver.pk,
        actor=by,
        details={
            "successor": successor_id,
            "leads": passed.leads,
            "companies": passed.companies,
            "handoffs": passed.handoffs,
        },
    )
    return passed


def _check(leaver: User, successor_id: int | None, successor: User | None, people: dict[int, User], by: User) -> None:
    if not may_let_leave(by):
        raise NotAllowedError(_("Only an administrator lets somebody leave."), code="not_yours")
    if leaver.pk == by.pk:
        raise ConflictError(_("Another administrator has to let you leave."), code="oneself")
    if not leaver.is_active:
        raise ConflictError(_("This person has left already."), code="left_already")
    administrators = [each for each in people.values() if each.role == Role.ADMINISTRATOR and each.is_active]
    if administrators == [leaver]:
        raise ConflictError(
            _("This is the last administrator. Make somebody else an administrator first."), code="last_administrator"
        )
    is_able = successor is not None and successor.is_active and successor.role in SALES and successor.pk != leaver.pk
    if successor_id is not None and not is_able:
        raise InvalidError(_("Choose a rep or sales manager who works here, or nobody."), code="successor_not_able")
