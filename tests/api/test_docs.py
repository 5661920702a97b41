"""docs/api.md: every example runs as it stands, top to bottom, against a real server with a real key."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Role, Scope, User
from accounts.services import api_key_create
from crm.kinds import KNOWN_KINDS
from handoff.models import RejectReason
from handoff.services import handoffs_reconcile
from tests.scoring.world import World

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_there_are_examples_for_the_shell_and_for_python() -> None:
    assert {language for language, _code in BLOCKS} == {"sh", "python"}
    assert len(BLOCKS) >= 10


@pytest.mark.django_db(transaction=True)
def test_every_example_runs(live_server: Any, person: Callable[..., User]) -> None:
    world = World()
    world.publish()
    person(Role.REP, email="rita@ours.example")
    RejectReason.objects.update_or_create(slug="no-budget", defaults={"label": "No budget", "position": 1})
    _key, secret = api_key_create(name="Docs", feed="crm", scopes=[Scope.CRM_SYNC])
    names: dict[str, Any] = {}
    for language, code in BLOCKS:
        code = code.replace("https://leads.example.com", live_server.url).replace("ls_live_…", secret)
        if language == "python":
            exec(compile(code, "docs/api.md", "exec"), names)
        elif shutil.which("curl"):
            ran = subprocess.run(["sh", "-ec", code], capture_output=True, text=True, timeout=60, check=False)
            assert ran.returncode == 0, (code, ran.stdout, ran.stderr)
        # What the worker does in the background.
        world.settle()
        handoffs_reconcile()


def test_the_kinds_it_lists_are_those_that_are_known() -> None:
    listed = re.search(r"every installation knows:(.*?)\. An administrator", TEXT, re.DOTALL)
    assert listed is not None
    kinds = re.findall(r"`(\w+)`", listed[1])
    assert kinds == [kind.key for kind in KNOWN_KINDS if not kind.is_own]
