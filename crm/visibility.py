"""Which leads somebody may see: the reach of accounts.rights turned into rows.

A floor above may know more leads that are somebody's, such as those waiting in their queue, and registers a source of
lead ids in `AppConfig.ready()`, so that nothing is imported upward.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.rights import Action, Reach, reach
from crm.models import Lead

# Given a person and their reach (own or team): the ids of further leads that are theirs, as a queryset of ids.
LeadIds = Callable[[User, Reach], QuerySet]  # type: ignore[type-arg]  # of any model's lead ids

_sources: dict[str, LeadIds] = {}


def register_source(name: str, lead_ids: LeadIds) -> None:
    """Add leads that are somebody's for another reason than owning them. The same name again replaces it."""
    _sources[name] = lead_ids


def sees_all_leads(user: User) -> bool:
    """Whether nothing has to be narrowed for this person, masked or not."""
    return reach(user.role, Action.LEAD_VIEW) in {Reach.ALL, Reach.ALL_MASKED}


def leads_visible_to(user: User) -> QuerySet[Lead]:
    """The leads this person may see, merged ones left out. Whether masked, `accounts.rights.sees_personal_data` says."""
    leads = Lead.objects.filter(merged_into=None)
    how_far = reach(user.role, Action.LEAD_VIEW)
    if sees_all_leads(user):
        return leads
    if how_far is Reach.OWN:
        own = Q(owner=user)
    elif how_far is Reach.TEAM:
        own = Q(owner=user) | (Q(owner__team=user.team_id) if user.team_id else Q())
    else:
        return leads.none()
    for lead_ids in _sources.values():
        own |= Q(pk__in=lead_ids(user, how_far))
    return leads.filter(own)
