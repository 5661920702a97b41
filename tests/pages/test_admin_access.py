"""Every record of the admin, by role: who looks, who adds, who changes, who deletes. A record missing from the table fails."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory

import leadscore.urls  # noqa: F401 - where what others register is taken out again
from accounts.models import Role, Team, User

pytestmark = pytest.mark.django_db
ROLES = (Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR)

# View, add, change and delete, each with the roles that may: Sales manager, Marketer, Administrator, aUditor. No rep is let in.
READ = ("SMAU", "", "", "")
HOUSE = ("AU", "", "", "")
LIST = ("SMAU", "A", "A", "")
FILES = ("MAU", "", "", "")
TABLE: dict[str, tuple[str, str, str, str]] = {
    "accounts.ApiKey": ("SAU", "SA", "", ""),
    "accounts.AuditEntry": HOUSE,
    "accounts.Installation": HOUSE,
    "accounts.Notification": HOUSE,
    "accounts.SavedView": HOUSE,
    "accounts.Team": ("SAU", "A", "A", ""),
    "accounts.User": ("SAU", "A", "SA", ""),
    "crm.Activity": READ,
    "crm.ActivityKind": LIST,
    "crm.AttributeDefinition": ("SMAU", "MA", "MA", "MA"),
    "crm.Company": READ,
    "crm.DuplicateSweep": HOUSE,
    "crm.FactChange": HOUSE,
    "crm.Feed": LIST,
    "crm.Import": FILES,
    "crm.ImportChunk": HOUSE,
    "crm.ImportRejection": FILES,
    "crm.Lead": READ,
    "crm.LeadMerge": READ,
    "crm.LikenessKey": HOUSE,
    "crm.Note": READ,
    "crm.PossibleDuplicate": READ,
    "crm.Quarantine": READ,
    "crm.SavedMapping": FILES,
    "crm.Tombstone": HOUSE,
    "crm.Work": HOUSE,
    "handoff.Handoff": READ,
    "handoff.HandoffEvent": READ,
    "handoff.HandoffPolicy": LIST,
    "handoff.RejectReason": LIST,
    "handoff.Release": HOUSE,
    "handoff.RoutingTurn": HOUSE,
    "handoff.Suppression": READ,
    "scoring.MatrixVersion": ("SMAU", "SMA", "", ""),
    "scoring.Run": HOUSE,
    "scoring.Score": READ,
    "scoring.ScoreChange": READ,
    "scoring.ScoringModel": ("SMAU", "SMA", "SMA", ""),
}
RECORDS = {model._meta.label: (model, record) for model, record in admin.site._registry.items()}
LETTER = {Role.SALES_MANAGER: "S", Role.MARKETER: "M", Role.ADMINISTRATOR: "A", Role.AUDITOR: "U", Role.REP: "R"}


def test_the_table_names_every_record_and_no_other() -> None:
    assert sorted(TABLE) == sorted(RECORDS)


@pytest.fixture
def everybody(db: None) -> list[User]:
    team = Team.objects.create(name="North")
    return [User.objects.create(email=f"{role}@ours.example", name=role.label, role=role, team=team) for role in ROLES]


@pytest.mark.parametrize("label", sorted(RECORDS))
def test_each_role_may_do_what_the_table_says(label: str, everybody: list[User]) -> None:
    model, record = RECORDS[label]
    assert (
        tuple(_who_may(record, model, action, everybody) for action in ("view", "add", "change", "delete"))
        == TABLE[label]
    )


def _who_may(record: Any, model: type[Model], action: str, everybody: list[User]) -> str:
    letters = ""
    for user in everybody:
        request = RequestFactory().get("/admin/")
        request.user = user
        is_let_in = admin.site.has_permission(request)
        if is_let_in and getattr(record, f"has_{action}_permission")(request):
            letters += LETTER[Role(user.role)]
    return letters
