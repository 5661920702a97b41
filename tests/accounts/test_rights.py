"""The table of rights, cell by cell: what is not listed here may not be done."""

import pytest

from accounts.models import Role, Scope
from accounts.rights import (
    Action,
    Need,
    Reach,
    Side,
    key_reach,
    may,
    may_touch,
    publication_need,
    reach,
    sees_personal_data,
    signs_for,
)

ROLES = [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR]
N, O, S, A, M = Reach.NONE, Reach.OWN, Reach.TEAM, Reach.ALL, Reach.ALL_MASKED  # noqa: E741 — O is the table's letter

TABLE = {
    Action.LEAD_VIEW: [O, S, A, A, M],
    Action.HANDOFF_DECIDE: [O, S, N, N, N],
    Action.HANDOFF_REASSIGN: [N, S, N, N, N],
    Action.MATRIX_VIEW: [N, A, A, A, A],
    Action.DRAFT_EDIT: [N, A, A, A, N],
    Action.VERSION_SIGN: [N, A, A, N, N],
    Action.VERSION_PUBLISH: [N, A, A, A, N],
    Action.SCORE_WRITE: [N, N, N, N, N],
    Action.ACTIVITY_SEND: [N, N, N, N, N],
    Action.LEAD_SEND: [N, N, N, N, N],
    Action.LEAD_EXPORT: [O, S, A, A, A],
    Action.KEY_VIEW: [N, S, N, A, A],
    Action.KEY_MANAGE: [N, S, N, A, N],
    Action.WEBHOOK_VIEW: [N, S, N, A, A],
    Action.WEBHOOK_MANAGE: [N, S, N, A, N],
    Action.USER_VIEW: [N, S, N, A, A],
    Action.USER_MANAGE: [N, S, N, A, N],
    Action.QUARANTINE_VIEW: [N, S, A, A, A],
    Action.QUARANTINE_MANAGE: [N, S, A, A, N],
    Action.LEAD_EDIT: [O, S, A, A, N],
    Action.LEAD_MERGE: [N, S, A, A, N],
    Action.IMPORT_VIEW: [N, N, A, A, M],
    Action.IMPORT_MANAGE: [N, N, A, A, N],
    Action.ACTIVITY_MARK: [N, N, A, A, N],
    Action.ATTRIBUTE_MANAGE: [N, N, A, A, N],
    Action.AUDIT_VIEW: [N, N, N, A, A],
    Action.SETUP: [N, N, N, A, N],
    Action.VIEW_SHARE: [N, A, A, A, N],
    Action.PERSON_ERASE: [N, N, N, A, A],
    Action.PERSON_ERASE_REQUEST: [O, S, A, A, A],
    Action.PERSON_EXPORT: [N, N, N, A, A],
    Action.PERSON_EXPORT_REQUEST: [O, S, A, A, A],
}


def test_every_action_has_its_row_in_the_table():
    assert set(TABLE) == set(Action)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", ROLES)
def test_every_role_reaches_as_far_as_the_table_says(role, action):
    expected = TABLE[action][ROLES.index(role)]
    assert reach(role, action) is expected
    # As the database hands it back: plain text.
    assert reach(str(role.value), action) is expected
    assert may(role, action) is (expected is not Reach.NONE)


KEYS = {
    Scope.ACTIVITIES_WRITE: {Action.ACTIVITY_SEND: Reach.FEED},
    Scope.TRACKER: {Action.ACTIVITY_SEND: Reach.TRACKER},
    Scope.CRM_SYNC: {
        Action.LEAD_VIEW: Reach.EXTERNAL_ID,
        Action.LEAD_SEND: Reach.FEED,
        Action.HANDOFF_DECIDE: Reach.FEED,
        Action.ACTIVITY_SEND: Reach.FEED,
        Action.PERSON_ERASE_REQUEST: Reach.EXTERNAL_ID,
        Action.PERSON_EXPORT_REQUEST: Reach.EXTERNAL_ID,
    },
}


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("action", Action)
def test_every_key_reaches_as_far_as_the_table_says(scope, action):
    assert key_reach(scope, action) is KEYS[scope].get(action, Reach.NONE)


def test_an_unknown_role_or_scope_may_do_nothing():
    for action in Action:
        assert reach("owner", action) is Reach.NONE
        assert key_reach("everything", action) is Reach.NONE


@pytest.mark.parametrize(
    ("role", "owner_id", "team_id", "allowed"),
    [
        (Role.REP, 1, 7, True),  # own
        (Role.REP, 1, 8, True),  # own, though it came from another team's queue
        (Role.REP, None, 7, True),  # waits unowned in the team's queue
        (Role.REP, 2, 7, False),  # a colleague's
        (Role.REP, None, 8, False),
        (Role.REP, None, None, False),
        (Role.SALES_MANAGER, 2, 7, True),
        (Role.SALES_MANAGER, None, 7, True),
        (Role.SALES_MANAGER, 2, 8, False),
        (Role.SALES_MANAGER, None, None, False),
        (Role.MARKETER, 1, 7, False),
        (Role.ADMINISTRATOR, 2, 7, False),
        (Role.AUDITOR, 2, 7, False),
    ],
)
def test_a_hand_off_is_decided_by_its_owner_or_in_its_queue_or_by_the_manager_of_its_team(
    role, owner_id, team_id, allowed
):
    assert (
        may_touch(role, Action.HANDOFF_DECIDE, actor_id=1, actor_team_id=7, owner_id=owner_id, team_id=team_id)
        is allowed
    )


def test_people_without_a_team_share_no_queue():
    for role in (Role.REP, Role.SALES_MANAGER):
        assert not may_touch(role, Action.HANDOFF_DECIDE, actor_id=1, actor_team_id=None, owner_id=None, team_id=None)


def test_only_the_auditor_sees_leads_masked():
    assert [sees_personal_data(role) for role in ROLES] == [True, True, True, True, False]


def test_a_sales_manager_signs_for_sales_and_a_marketer_for_marketing():
    assert [signs_for(role) for role in ROLES] == [None, Side.SALES, Side.MARKETING, None, None]


def test_an_administrator_publishes_with_a_reason_and_others_only_when_signed():
    assert [publication_need(role) for role in ROLES] == [None, Need.SIGNATURES, Need.SIGNATURES, Need.REASON, None]
