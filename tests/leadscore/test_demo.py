"""The demo company holds what it promises, once."""

import io

import pytest
from django.core.management import call_command

from accounts.models import Role, User
from crm.models import Activity, Lead, Work
from handoff.models import Handoff
from scoring.models import MatrixVersion, Score

pytestmark = pytest.mark.django_db


def demo(*arguments: str, **options: object) -> str:
    printed = io.StringIO()
    call_command("demo", *arguments, stdout=printed, **options)
    return printed.getvalue()


def test_the_demo_company_is_told_whole_and_only_once() -> None:
    demo(leads=150)
    assert Lead.objects.count() == 150
    assert Activity.objects.count() > 1_500
    assert Score.objects.count() == 150
    assert not Work.objects.exists()
    versions = list(MatrixVersion.objects.order_by("number").values_list("state", flat=True))
    assert versions == ["retired", "published", "draft"]
    assert set(Handoff.objects.values_list("state", flat=True)) >= {"waiting", "accepted", "rejected"}
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    call_command("check_scores", "--all", stdout=io.StringIO())
    assert "already" in demo(leads=150)
    assert Lead.objects.count() == 150


def test_the_sign_ins_are_printed_with_one_of_each_role() -> None:
    printed = demo("--print-sign-ins")
    assert len(printed.splitlines()) == len(Role.values)
    assert "rita.rep@demo.example" in printed
