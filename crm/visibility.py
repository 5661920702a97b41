"""Which leads somebody may see: the reach of accounts.rights turned into rows.

A floor above may know more leads that are somebody's, such as those waiting in their queue, and registers a source of
lead ids in `AppConfig.ready()`, so that nothing is imported upward.
"""

from collections.abc import Callable, Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Value

from accounts.models import User
from accounts.rights import Action, Reach, reach
from crm.models import Company, Lead
from crm.models.expressions import IsAny

# Given a person and their reach (own or team): the ids of further leads that are theirs, as a queryset of ids.
LeadIds = Callable[[User, Reach], QuerySet]  # type: ignore[type-arg]  # of any model's lead ids

_sources: dict[str, LeadIds] = {}


def register_source(name: str, lead_ids: LeadIds) -> None:
    """Add leads that are somebody's for another reason than owning them. The same name again replaces it."""
    _sources[name] = lead_ids


def sees_all_leads(user: User) -> bool:
    """Whether nothing has to be narrowed for this person, masked or not."""
    return reach(user.role, Action.LEAD_VIEW) in {Reach.ALL, Reach.ALL_MASKED}


def leads_visible_to(user: User, *, is_list: bool = False) -> QuerySet[Lead]:
    """The leads this person may see, merged ones left out. Whether masked, `accounts.rights.sees_personal_data` says.

    For a list, what is somebody's for other reasons is read at once, so that row after row is held against it by hash.
    """
    leads = Lead.objects.filter(merged_into=None)
    if sees_all_leads(user):
        return leads
    theirs = Q()
    for reason in _reasons(user, is_list=is_list):
        theirs |= reason
    return leads.filter(theirs) if theirs else leads.none()


def companies_visible_to(user: User) -> QuerySet[Company]:
    """All companies for whoever sees all leads, else those with a lead they see; without what a merge has emptied."""
    if not sees_all_leads(user):
        leads = Lead.objects.filter(merged_into=None).exclude(company=None).order_by()
        # One after the other: whose leads are at which company stands in one index, whatever else makes a lead theirs.
        found = [leads.filter(reason).values("company") for reason in _reasons(user)]
        return Company.objects.filter(pk__in=found[0].union(*found[1:])) if found else Company.objects.none()
    # Asked for once, as an array: asked of each company, the planner would fear a scan of all leads for it.
    emptied = Company.objects.filter(~Exists(Lead.objects.filter(company=OuterRef("pk"))), name="", domain="")
    is_emptied = Q(IsAny(F("pk"), ArraySubquery(emptied.order_by().values("pk"))))
    return Company.objects.filter(~Q(name="") | ~Q(domain="") | ~is_emptied)


def _reasons(user: User, *, is_list: bool = False) -> list[Q]:
    """What makes a lead somebody's who does not see all: its owner, and each source; none for who sees none."""
    how_far = reach(user.role, Action.LEAD_VIEW)
    if how_far not in {Reach.OWN, Reach.TEAM}:
        return []
    owners: Sequence[int] = [user.pk]
    if how_far is Reach.TEAM and user.team_id:
        owners = [user.pk, *User.objects.filter(team=user.team_id).exclude(pk=user.pk).values_list("pk", flat=True)]
    # As an array, or the planner would read every lead to ask it about this and about the owner.
    others = [_array(lead_ids(user, how_far).order_by(), is_read=is_list) for lead_ids in _sources.values()]
    return [Q(owner__in=owners), *(Q(IsAny(F("pk"), other)) for other in others)]


def _array(ids: QuerySet, *, is_read: bool) -> Value | ArraySubquery:  # type: ignore[type-arg]  # of any model's lead ids
    if not is_read:
        return ArraySubquery(ids)
    return Value(list(ids), output_field=ArrayField(BigIntegerField()))
