"""The review tab and the comparison as people meet them: by role, with what is refused said where it was asked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from handoff.models import Release, Suppression
from scoring.models import AcceptedFinding, MatrixVersion, PlannedPublication, SignOff, VersionReview
from scoring.services.observing import unexplained_warnings
from scoring.services.planned import version_plan
from scoring.services.publication import version_publish
from tests.pages.conftest import signed_in as signed_in
from tests.scoring.conftest import world as world
from tests.scoring.world import changed
from tests.workbench.reviewed import Reviewers

pytestmark = pytest.mark.django_db
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def two(db):
    return Reviewers()


@pytest.fixture
def draft(world):
    return world.draft(changed(points={"exec-title": 25}))


def url(name, version):
    return reverse(f"workbench-{name}", args=[version.pk])


def text(client, version):
    response = client.get(url("review", version))
    assert response.status_code == 200
    return response.content.decode()


def as_htmx(client, address, form=None):
    return client.post(address, form or {}, headers={"HX-Request": "true"})


def test_from_draft_to_published_by_two_people(draft, two, signed_in):
    sales, marketing = signed_in(two.sales), signed_in(two.marketing)
    page = text(marketing, draft)
    assert "Executive title: 20 → 25 points" in page
    assert (
        "disabled>Submit for review" in " ".join(page.split()).replace(" disabled >", " disabled>")
        or "disabled" in page
    )
    for each in unexplained_warnings(draft):
        form = {"code": each.code, "criteria": " ".join(sorted(each.criteria)), "reason": "We talked about it."}
        assert marketing.post(url("accept", draft), form).status_code == 303
    assert "We talked about it." in text(marketing, draft)
    assert marketing.post(url("submit", draft)).status_code == 303
    page = text(sales, draft)
    assert "Sign for sales" in page
    assert "The signature of marketing is missing." in page
    for client in (sales, marketing):
        assert client.post(url("sign", draft), {"checksum": draft.checksum}).status_code == 303
    page = text(sales, draft)
    assert "signed by both" in page
    assert "as an emergency" not in page
    response = as_htmx(sales, url("publish", draft), {"when": "now", "how": "spread", "per_day": "7"})
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == f"{reverse('workbench', args=[draft.pk])}?tab=review"
    draft.refresh_from_db()
    assert (draft.state, draft.per_day, draft.is_emergency) == ("published", 7, False)
    assert "judges from now on" in text(sales, draft)


def test_a_refusal_is_said_where_it_was_asked_and_the_draft_is_unharmed(draft, two, signed_in):
    client = signed_in(two.marketing)
    response = as_htmx(client, url("submit", draft))
    assert response.status_code == 422
    page = response.content.decode()
    assert 'id="review"' in page
    assert "<html" not in page
    assert "Say for each warning" in page
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_signature_under_what_was_edited_since_is_refused(draft, two, signed_in):
    two.submit(draft)
    response = as_htmx(signed_in(two.sales), url("sign", draft), {"checksum": "sha256:old"})
    assert response.status_code == 409
    assert "Somebody edited this version since you read it" in response.content.decode()
    assert not SignOff.objects.exists()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"when": "later", "how": "loud"}, "Say when it shall go live."),
        ({"when": "now", "how": "loud", "at": "2026-03-05T10:00"}, "Choose “At a time”"),
        ({"when": "later", "how": "loud", "at": "tomorrow"}, "valid date"),
        ({"when": "later", "how": "loud", "at": "2020-03-05T10:00"}, "within the next year"),
        ({"when": "now", "how": "spread"}, "Say how many leads a day."),
        ({"when": "now", "how": "loud", "per_day": "5"}, "Choose to spread them"),
        ({"when": "now", "how": "spread", "per_day": "0"}, "greater than or equal to 1"),
        ({"when": "now", "how": "spread", "per_day": "99999999999999999999"}, "less than or equal to"),
        ({"when": "now", "how": "noisily"}, "noisily is not one of the available choices"),
        ({"when": "now", "how": "loud", "reason": "x" * 2_001}, "at most 2000 characters"),
        ({"when": "now", "how": "loud", "reason": "nul \0"}, "Null characters are not allowed"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_published(draft, two, signed_in, form, says):
    two.sign(draft)
    response = signed_in(two.sales).post(url("publish", draft), form)
    assert response.status_code == 422
    assert says in response.content.decode()
    draft.refresh_from_db()
    assert draft.state == "in_review"
    assert not PlannedPublication.objects.exists()


def test_a_publication_is_planned_in_the_time_zone_of_the_reader_and_called_off(draft, two, signed_in):
    two.sales.time_zone = "America/New_York"
    two.sales.save()
    two.sign(draft)
    client = signed_in(two.sales)
    form = {"when": "later", "how": "quiet", "at": "2026-03-05T09:30"}
    assert client.post(url("publish", draft), form).status_code == 303
    plan = PlannedPublication.objects.get()
    assert plan.at.isoformat() == "2026-03-05T14:30:00+00:00"
    page = text(client, draft)
    assert "America/New_York" in page
    assert "9:30" in page
    assert client.post(url("call-off", draft)).status_code == 303
    assert not PlannedPublication.objects.exists()
    assert as_htmx(client, url("call-off", draft)).status_code == 409


def test_a_plan_that_was_refused_says_why_and_another_may_be_made(draft, two, signed_in, frozen_now):
    two.sign(draft)
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + timedelta(hours=1))
    PlannedPublication.objects.update(refusal=MARKUP)
    page = text(signed_in(two.sales), draft)
    assert "it did not go live" in page
    assert MARKUP not in page
    assert "Publish" in page


def test_without_signatures_an_administrator_is_asked_for_a_reason(draft, world, signed_in):
    client = signed_in(world.admin)
    page = text(client, draft)
    assert "as an emergency" in page
    assert "<details" in page
    assert client.post(url("publish", draft), {"when": "now", "how": "loud"}).status_code == 422
    client.post(url("publish", draft), {"when": "now", "how": "loud", "reason": MARKUP})
    draft.refresh_from_db()
    assert (draft.is_emergency, draft.publish_reason) == (True, MARKUP)
    page = text(client, draft)
    assert "without both signatures" in page
    assert MARKUP not in page


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.MARKETER])
def test_without_signatures_nobody_else_publishes(draft, signed_in, role):
    client = signed_in(role)
    assert "as an emergency" not in text(client, draft)
    response = as_htmx(client, url("publish", draft), {"when": "now", "how": "loud", "reason": "Please."})
    assert response.status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_an_auditor_reads_and_is_offered_nothing(draft, two, signed_in):
    two.submit(draft)
    client = signed_in(Role.AUDITOR)
    page = text(client, draft)
    assert 'method="post"' not in page.partition('id="review"')[2].partition("panel-version-handoffs")[0]
    for name in ("submit", "withdraw", "accept", "sign", "unsign", "publish", "call-off", "roll-back", "look"):
        assert client.post(url(name, draft)).status_code == 403
        assert client.get(url(name, draft)).status_code in {403, 405}


def test_two_who_both_wrote_it_are_told_who_must_sign(world, two, signed_in):
    from scoring.services.matrices import Edit, version_create, version_edit
    from scoring.services.signatures import version_sign
    from tests.scoring.world import MATRIX

    draft = version_create(model=world.model, document=MATRIX, by=two.marketing)
    version_edit(version=draft, edits=[Edit(path="/criteria/demo/points", before=15, after=16)], by=two.sales)
    two.submit(draft)
    version_sign(version_id=draft.pk, by=two.sales)
    page = text(signed_in(two.marketing), draft)
    assert "somebody else of your side must sign" in page
    assert "Sign for marketing" not in page


def test_a_roll_back_is_one_click_for_an_administrator_with_a_reason(world, draft, signed_in):
    version_publish(version_id=draft.pk, by=world.admin, reason="Now.")
    client = signed_in(world.admin)
    old = world.model.versions.get(number=1)
    assert "Roll back to version 1" in text(client, draft)
    response = client.post(url("roll-back", old), {"reason": "Too many."})
    made = MatrixVersion.objects.get(number=3)
    assert response.headers["Location"] == url("review", made)
    assert (made.state, made.document) == ("published", old.document)
    assert as_htmx(client, url("roll-back", made)).status_code == 409


def test_a_roll_back_by_others_waits_for_signatures(world, draft, two, signed_in):
    version_publish(version_id=draft.pk, by=world.admin, reason="Now.")
    client = signed_in(two.sales)
    old = world.model.versions.get(number=1)
    assert "waits for the signatures" in text(client, old)
    client.post(url("roll-back", old))
    made = MatrixVersion.objects.get(number=3)
    assert made.state == "in_review"
    assert "Sign for sales" in text(client, made)


def test_a_review_is_due_after_a_quarter_and_written_down(world, two, signed_in, frozen_now):
    published = world.model.versions.get(number=1)
    client = signed_in(two.sales)
    assert "Nobody has looked" in text(client, published)
    frozen_now.shift(timedelta(days=100))
    client.force_login(two.sales)
    assert ">due<" in text(client, published).replace(" ", "").replace("\n", "")
    assert as_htmx(client, url("look", published), {"note": " "}).status_code == 422
    assert client.post(url("look", published), {"note": f"Still right {MARKUP}"}).status_code == 303
    page = text(client, published)
    assert "Still right" in page
    assert MARKUP not in page
    assert VersionReview.objects.count() == 1


def test_markup_in_a_reason_for_a_warning_is_shown_as_text(draft, two, signed_in):
    client = signed_in(two.sales)
    warning = unexplained_warnings(draft)[0]
    form = {"code": warning.code, "criteria": " ".join(warning.criteria), "reason": MARKUP}
    client.post(url("accept", draft), form)
    assert AcceptedFinding.objects.get().reason == MARKUP
    assert MARKUP not in text(client, draft)


def test_what_the_tab_asks_does_not_grow_with_reviews_edits_and_versions(world, two, signed_in):
    client = signed_in(two.sales)
    published = world.model.versions.get(number=1)

    def asked(version):
        text(client, version)
        with CaptureQueriesContext(connection) as queries:
            text(client, version)
        return len(queries)

    few = asked(published)
    for number in range(12):
        VersionReview.objects.create(version=published, note=f"{number}", reviewed_by=two.marketing)
        world.draft()
    assert asked(published) <= few + 1


# What is held back


def test_the_panel_of_a_published_version_lets_go_what_it_holds(world, draft, two, signed_in):
    version_publish(version_id=draft.pk, by=world.admin, reason="Now.", quiet=True)
    lead = world.lead()
    Suppression.objects.create(lead=lead, reason="quiet", version=draft)
    client = signed_in(two.marketing)
    panel = reverse("version-handoffs", args=[draft.pk])
    assert "1 lead qualified only by this version and is held back." in " ".join(
        client.get(panel).content.decode().split()
    )
    release = reverse("version-handoffs-release", args=[draft.pk])
    client.post(release, {"pace": "best", "per_day": "3"})
    assert Release.objects.get(version=draft).per_day == 3
    client.post(release, {"pace": "stop"})
    assert Release.objects.get(version=draft).per_day == 0
    client.post(release, {"pace": "best", "per_day": "many"})
    assert Release.objects.get(version=draft).per_day == 0
    assert signed_in(Role.REP).get(panel).status_code == 404
    assert signed_in(Role.REP).post(release, {"pace": "all"}).status_code == 404
    auditor = signed_in(Role.AUDITOR)
    assert "Hand off all now" not in auditor.get(panel).content.decode()
    assert auditor.post(release, {"pace": "all"}).status_code == 404


def test_the_panel_of_a_draft_says_how_many_would_open(world, draft, two, signed_in):
    for _ in range(3):
        world.lead(seniority="vp")
    world.settle()
    lower = world.draft(
        changed(
            stages=[
                {"key": "cold", "label": "Cold"},
                {"key": "mql", "label": "M", "at": 15},
                {"key": "sql", "label": "S", "at": 70},
            ]
        )
    )
    page = " ".join(signed_in(two.sales).get(reverse("version-handoffs", args=[lower.pk])).content.decode().split())
    assert "hand-offs would open at once" in page or "Counting how many" in page


# Side by side


def compare(client, a, b):
    return client.get(reverse("workbench-compare"), {"a": a, "b": b})


def test_any_two_versions_are_compared_in_words_and_as_a_table(world, draft, signed_in):
    client = signed_in(Role.AUDITOR)
    first = world.model.versions.get(number=1)
    page = compare(client, first.pk, draft.pk).content.decode()
    assert "Executive title: 20 → 25 points" in page
    assert "From version 1 to version 2" in page
    back = compare(client, draft.pk, first.pk).content.decode()
    assert "Executive title: 25 → 20 points" in back
    assert f"?a={first.pk}&amp;b={draft.pk}" in back
    same = compare(client, draft.pk, draft.pk).content.decode()
    assert "No difference." in same


def test_markup_in_a_label_is_compared_as_text(world, signed_in):
    hostile = changed(stages=[{"key": "cold"}, {"key": "mql", "label": MARKUP, "at": 40}, {"key": "sql", "at": 70}])
    draft = world.draft(hostile)
    page = compare(signed_in(Role.MARKETER), world.model.versions.get(number=1).pk, draft.pk).content.decode()
    assert "alert(1)" in page
    assert MARKUP not in page


def test_a_comparison_needs_two_versions_of_one_model(world, draft, signed_in):
    from scoring.services.matrices import model_create

    client = signed_in(Role.MARKETER)
    other = world.draft(model=model_create(slug="another", name="Another", by=world.admin))
    assert compare(client, draft.pk, other.pk).status_code == 400
    for wrong in ("", "x", "999999999", "9" * 40):
        assert compare(client, draft.pk, wrong).status_code == 404
    assert compare(signed_in(Role.REP), draft.pk, draft.pk).status_code == 404
