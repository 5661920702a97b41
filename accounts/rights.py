"""Who may do what: the product's table of rights, and nothing else. Pure.

A right is a *reach*: how far an action goes for a role or a key. The queries of each floor turn a reach into rows
(own leads, the team's queue); doors ask `reach` or `may` and hold no rules of their own.
"""

from collections.abc import Mapping
from enum import StrEnum

from accounts.models.api_key import Scope
from accounts.models.user import Role


class Action(StrEnum):
    """What somebody may want to do."""

    LEAD_VIEW = "lead.view"
    HANDOFF_DECIDE = "handoff.decide"
    HANDOFF_REASSIGN = "handoff.reassign"
    MATRIX_VIEW = "matrix.view"
    DRAFT_EDIT = "draft.edit"
    VERSION_SIGN = "version.sign"
    VERSION_PUBLISH = "version.publish"
    SCORE_WRITE = "score.write"
    ACTIVITY_SEND = "activity.send"
    LEAD_SEND = "lead.send"
    LEAD_EXPORT = "lead.export"
    KEY_VIEW = "key.view"
    KEY_MANAGE = "key.manage"
    WEBHOOK_VIEW = "webhook.view"
    WEBHOOK_MANAGE = "webhook.manage"
    USER_VIEW = "user.view"
    USER_MANAGE = "user.manage"
    QUARANTINE_VIEW = "quarantine.view"
    QUARANTINE_MANAGE = "quarantine.manage"
    LEAD_EDIT = "lead.edit"
    LEAD_MERGE = "lead.merge"
    IMPORT_VIEW = "import.view"
    IMPORT_MANAGE = "import.manage"
    ACTIVITY_MARK = "activity.mark"
    ATTRIBUTE_MANAGE = "attribute.manage"
    AUDIT_VIEW = "audit.view"
    SETUP = "setup"
    VIEW_SHARE = "view.share"
    PERSON_ERASE = "person.erase"
    PERSON_ERASE_REQUEST = "person.erase_request"
    PERSON_EXPORT = "person.export"
    PERSON_EXPORT_REQUEST = "person.export_request"


class Reach(StrEnum):
    """How far an action goes.

    `own`: what the person owns, and their own queue. `team`: what anybody of their team owns, and the team's queue.
    `all_masked`: everything, with personal data hidden. `feed`: rows of the key's own feed. `tracker`: the key's own
    feed, page and form kinds only, capped. `external_id`: one lead at a time, named by an id of the key's own feed.
    """

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    ALL = "all"
    ALL_MASKED = "all_masked"
    FEED = "feed"
    TRACKER = "tracker"
    EXTERNAL_ID = "external_id"


class Side(StrEnum):
    """For whom a signature under a matrix version speaks."""

    SALES = "sales"
    MARKETING = "marketing"


class Need(StrEnum):
    """What a publication asks of a role besides the right: both signatures, or a reason that is kept for ever."""

    SIGNATURES = "signatures"
    REASON = "reason"


# Leads in one export of a rep's own.
REP_EXPORT_ROWS = 1_000

_EVERYWHERE = dict.fromkeys((Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR), Reach.ALL)
_ADMINISTRATOR = {Role.ADMINISTRATOR: Reach.ALL}
_READ = {Role.SALES_MANAGER: Reach.TEAM, Role.ADMINISTRATOR: Reach.ALL, Role.AUDITOR: Reach.ALL}
_MANAGE = {Role.SALES_MANAGER: Reach.TEAM, Role.ADMINISTRATOR: Reach.ALL}
_PERSON = {Role.ADMINISTRATOR: Reach.ALL, Role.AUDITOR: Reach.ALL}
_KNOWS_LEADS = {
    Role.REP: Reach.OWN,
    Role.SALES_MANAGER: Reach.TEAM,
    Role.MARKETER: Reach.ALL,
    Role.ADMINISTRATOR: Reach.ALL,
}
_BRINGS_LEADS = {Role.MARKETER: Reach.ALL, Role.ADMINISTRATOR: Reach.ALL}
# Whoever may see a lead may ask for its erasure or export, as far as they see.
_REQUEST = {Role.REP: Reach.OWN, Role.SALES_MANAGER: Reach.TEAM, Role.MARKETER: Reach.ALL, **_PERSON}

# What does not stand here may not be done.
_ROLES: Mapping[Action, Mapping[Role, Reach]] = {
    Action.LEAD_VIEW: {
        Role.REP: Reach.OWN,
        Role.SALES_MANAGER: Reach.TEAM,
        Role.MARKETER: Reach.ALL,
        Role.ADMINISTRATOR: Reach.ALL,
        Role.AUDITOR: Reach.ALL_MASKED,
    },
    Action.HANDOFF_DECIDE: {Role.REP: Reach.OWN, Role.SALES_MANAGER: Reach.TEAM},
    Action.HANDOFF_REASSIGN: {Role.SALES_MANAGER: Reach.TEAM},
    Action.MATRIX_VIEW: _EVERYWHERE | {Role.AUDITOR: Reach.ALL},
    Action.DRAFT_EDIT: _EVERYWHERE,
    Action.VERSION_SIGN: {Role.SALES_MANAGER: Reach.ALL, Role.MARKETER: Reach.ALL},
    Action.VERSION_PUBLISH: _EVERYWHERE,
    # Points and scores come from evaluation alone; a manual adjustment is an activity with a reason.
    Action.SCORE_WRITE: {},
    Action.ACTIVITY_SEND: {},
    Action.LEAD_SEND: {},
    Action.LEAD_EXPORT: {
        Role.REP: Reach.OWN,
        Role.SALES_MANAGER: Reach.TEAM,
        Role.MARKETER: Reach.ALL,
        Role.ADMINISTRATOR: Reach.ALL,
        Role.AUDITOR: Reach.ALL,
    },
    Action.KEY_VIEW: _READ,
    Action.KEY_MANAGE: _MANAGE,
    Action.WEBHOOK_VIEW: _READ,
    Action.WEBHOOK_MANAGE: _MANAGE,
    Action.USER_VIEW: _READ,
    Action.USER_MANAGE: _MANAGE,
    Action.QUARANTINE_VIEW: {**_READ, Role.MARKETER: Reach.ALL},
    Action.QUARANTINE_MANAGE: {**_MANAGE, Role.MARKETER: Reach.ALL},
    # Who sees a lead's personal data may write down what they learn.
    Action.LEAD_EDIT: _KNOWS_LEADS,
    Action.LEAD_MERGE: {role: how_far for role, how_far in _KNOWS_LEADS.items() if role != Role.REP},
    # A file is nobody's team's: who brings one reaches every lead in it.
    Action.IMPORT_VIEW: _BRINGS_LEADS | {Role.AUDITOR: Reach.ALL_MASKED},
    Action.IMPORT_MANAGE: _BRINGS_LEADS,
    Action.ACTIVITY_MARK: _BRINGS_LEADS,
    Action.ATTRIBUTE_MANAGE: _BRINGS_LEADS,
    Action.AUDIT_VIEW: _PERSON,
    Action.SETUP: _ADMINISTRATOR,
    # A saved view for everybody: filters and columns of a list, no rows.
    Action.VIEW_SHARE: _EVERYWHERE,
    Action.PERSON_ERASE: _PERSON,
    Action.PERSON_ERASE_REQUEST: _REQUEST,
    Action.PERSON_EXPORT: _PERSON,
    Action.PERSON_EXPORT_REQUEST: _REQUEST,
}

_KEYS: Mapping[Scope, Mapping[Action, Reach]] = {
    Scope.ACTIVITIES_WRITE: {Action.ACTIVITY_SEND: Reach.FEED},
    Scope.CRM_SYNC: {
        Action.LEAD_VIEW: Reach.EXTERNAL_ID,
        Action.LEAD_SEND: Reach.FEED,
        Action.HANDOFF_DECIDE: Reach.FEED,
        Action.ACTIVITY_SEND: Reach.FEED,
        Action.PERSON_ERASE_REQUEST: Reach.EXTERNAL_ID,
        Action.PERSON_EXPORT_REQUEST: Reach.EXTERNAL_ID,
    },
    Scope.TRACKER: {Action.ACTIVITY_SEND: Reach.TRACKER},
}


def reach(role: str, action: Action) -> Reach:
    """How far `action` goes for a role; `none` for a role that is unknown."""
    return next((how_far for known, how_far in _ROLES[action].items() if known == role), Reach.NONE)


def may(role: str, action: Action) -> bool:
    """Whether a role may do this at all; on which rows, `reach` says."""
    return reach(role, action) is not Reach.NONE


def key_reach(scope: str, action: Action) -> Reach:
    """How far `action` goes for a key with this scope; `none` for a scope that is unknown."""
    return next((actions.get(action, Reach.NONE) for known, actions in _KEYS.items() if known == scope), Reach.NONE)


def scopes_to_give(role: str) -> tuple[Scope, ...]:
    """What the keys that a role makes may do: who manages a team's keys gives none that reads leads beyond the team."""
    how_far = reach(role, Action.KEY_MANAGE)
    if how_far is Reach.NONE:
        return ()
    return tuple(scope for scope in Scope if how_far is Reach.ALL or key_reach(scope, Action.LEAD_VIEW) is Reach.NONE)


def may_touch(
    role: str, action: Action, *, actor_id: int, actor_team_id: int | None, owner_id: int | None, team_id: int | None
) -> bool:
    """Whether the actor may do this to one thing that has an owner and stands in a team's queue.

    Own are the actor's own things and what waits unowned in the queue of the actor's team; the team's are all whose
    owner or queue is of the actor's team. Nobody's team is nobody's: two people without a team share nothing.
    """
    how_far = reach(role, action)
    is_of_team = actor_team_id is not None and team_id == actor_team_id
    if how_far is Reach.OWN:
        return owner_id == actor_id or (owner_id is None and is_of_team)
    if how_far is Reach.TEAM:
        return owner_id == actor_id or is_of_team
    return how_far in {Reach.ALL, Reach.ALL_MASKED}


def sees_personal_data(role: str) -> bool:
    """Whether names, addresses and phones are shown to a role where it may see the lead."""
    return reach(role, Action.LEAD_VIEW) in {Reach.OWN, Reach.TEAM, Reach.ALL}


def signs_for(role: str) -> Side | None:
    """Whose signature a role gives under a version in review."""
    return {str(Role.SALES_MANAGER): Side.SALES, str(Role.MARKETER): Side.MARKETING}.get(str(role))


def needs_second_factor(role: str) -> bool:
    """Whether a role may do nothing with a password alone: administrators, and who signs."""
    return role == Role.ADMINISTRATOR or signs_for(role) is not None


def publication_need(role: str) -> Need | None:
    """What a publication by this role needs; none where it may not publish."""
    if not may(role, Action.VERSION_PUBLISH):
        return None
    return Need.REASON if role == Role.ADMINISTRATOR else Need.SIGNATURES
