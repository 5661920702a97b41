"""Who may make which keys."""

import pytest

from accounts.models import Role, Scope
from accounts.rights import scopes_to_give
from accounts.services import api_key_create
from kernel.errors import NotAllowedError

pytestmark = pytest.mark.django_db


def test_administrators_give_every_scope_and_managers_none_that_reads_leads():
    assert set(scopes_to_give(Role.ADMINISTRATOR)) == set(Scope)
    assert set(scopes_to_give(Role.SALES_MANAGER)) == {Scope.ACTIVITIES_WRITE, Scope.TRACKER}
    assert scopes_to_give(Role.REP) == ()


def test_a_manager_cannot_make_a_key_that_reads_leads_beyond_the_team(person):
    manager = person(Role.SALES_MANAGER)
    with pytest.raises(NotAllowedError):
        api_key_create(name="All of it", feed="crm", scopes=[Scope.CRM_SYNC], by=manager)
    key, _secret = api_key_create(name="The site", feed="site", scopes=[Scope.ACTIVITIES_WRITE], by=manager)
    assert key.created_by == manager
