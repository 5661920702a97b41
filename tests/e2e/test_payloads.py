"""Lead data is written by strangers: thirty payloads in every text there is, on every page, in a real browser."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import ApiKey, Role, SavedView, User
from crm.models import (
    Activity,
    Company,
    FactChange,
    Import,
    Lead,
    LeadMerge,
    Note,
    PossibleDuplicate,
    SavedMapping,
)
from crm.services.imports import import_create
from crm.services.merging import leads_merge
from handoff.models import Handoff
from scoring.models import MatrixVersion, Shadow
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish
from tests.e2e.hostile import hostile_matrix, texts_poison
from tests.e2e.payloads import PAYLOADS
from tests.pages.test_access import ASKED, OURS, TABLE, WHO, address
from tests.scoring.world import NOON

pytestmark = pytest.mark.browser
# A report of the policy reaches the page as an event of the document.
WATCH = """
window.reports = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.reports.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
# Answers that are no pages.
NO_PAGE = {"import-rejections", "javascript-catalog", "set_language", "health-live", "health-ready"}
ADMINISTRATOR = WHO.index(Role.ADMINISTRATOR)


@pytest.fixture
def hostile(company):
    """The company, judged by a hostile matrix, with a hostile text in every column."""
    ada = company.people[Role.ADMINISTRATOR]
    model = model_create(slug="hostile", name="Hostile", by=ada)
    version = version_create(model=model, document=hostile_matrix(), by=ada, origin="preset:b2b_saas")
    version_publish(version_id=version.pk, by=ada, reason="<script>alert(0)</script>")
    company.settle()
    draft = version_create(model=model, document=hostile_matrix(), by=ada)
    Shadow.objects.create(version=draft, started_by=ada, checksum=draft.checksum)
    first, second = Lead.objects.order_by("-pk")[:2]
    leads_merge(survivor_id=first.pk, merged_id=second.pk, by=ada)
    header = ",".join(f'"{text.replace(chr(34), chr(34) * 2)}"' for text in PAYLOADS)
    import_create(file_name=PAYLOADS[0], content=[f"{header}\n{header}\n".encode()], by=ada)
    assert texts_poison() > 1_000
    return company


def pages() -> Iterator[str]:
    lead = Lead.objects.filter(merged_into=None).exclude(company=None).order_by("pk").first()
    second = Lead.objects.filter(merged_into=None).order_by("-pk").first()
    kinds = {
        "handoffs": Handoff,
        "notes": Note,
        "people": User,
        "keys": ApiKey,
        "views": SavedView,
        "imports": Import,
        "saved": SavedMapping,
        "duplicates": PossibleDuplicate,
        "merges": LeadMerge,
        "versions": MatrixVersion,
        "workbench": MatrixVersion,
        "shadows": Shadow,
    }
    things = {word: model.objects.order_by("pk").first().pk for word, model in kinds.items()}
    things |= {"leads": lead.pk, "twin": second.pk, "companies": lead.company_id, "other": Company.objects.last().pk}
    things |= {"change": FactChange.objects.last().pk, "machine": Activity.objects.filter(lead=lead).first().pk}
    Activity.objects.filter(pk=things["machine"]).update(is_bot=True, bot_reason="user_agent", occurred_at=NOON)
    for name in OURS:
        if name not in NO_PAGE and TABLE[name].get[ADMINISTRATOR] == "o":
            asked = {key: things.get(value, value) for key, value in ASKED.get(name, {}).items()}
            yield f"{address(name, things)}?{urlencode(asked)}" if asked else address(name, things)


def records() -> Iterator[str]:
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{base}_changelist")
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            yield reverse(f"{base}_change", args=[row.pk])


def visited(page, addresses: Iterator[str]) -> list[str]:
    """What the policy reported, and where a script of a stranger ran, over all these pages."""
    page.add_init_script(WATCH)
    found = []
    for place in addresses:
        page.goto(place)
        page.wait_for_load_state("networkidle")
        found += [f"{place}: {report}" for report in page.evaluate("window.reports || []")]
    return found


def test_the_watch_notices_what_the_policy_refuses(chromium, live_server, company) -> None:
    """Else the tests below could not fail."""
    page = chromium.new_context(base_url=live_server.url).new_page()
    page.add_init_script(WATCH)
    page.goto("/accounts/login/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_function("window.reports.length")
    assert "script-src" in page.evaluate("window.reports.join()")
    page.context.close()


# Dialogs, errors and reports on the console fail the test too (open_page of conftest).
def test_no_script_runs_on_any_page(hostile, sign_in) -> None:
    assert visited(sign_in(Role.ADMINISTRATOR), pages()) == []


def test_no_script_runs_in_the_queue(hostile, sign_in) -> None:
    assert visited(sign_in(Role.REP), iter([reverse("queue"), reverse("leads")])) == []


@pytest.mark.prove
def test_no_script_runs_in_the_records(hostile, sign_in) -> None:
    assert MatrixVersion.objects.exists()
    assert visited(sign_in(Role.ADMINISTRATOR), records()) == []
