"""The admin: every record is there, read-only where services write, and each role meets what its rights say."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from model_bakery import baker

import leadscore.urls  # noqa: F401 - where what others register is taken out again
from accounts.models import ApiKey, AuditEntry, Role, Team, User
from crm.models import Activity, Lead, Quarantine, Work
from crm.services.activities import activities_record
from scoring.models import MatrixVersion, ScoringModel
from scoring.yaml_text import yaml_read, yaml_write
from tests.scoring.world import MATRIX, changed

OURS = {"accounts", "crm", "scoring", "handoff", "insights"}
# What a form may save; everything else is written by services alone.
EDITABLE = {
    "accounts.team",
    "crm.feed",
    "crm.activitykind",
    "crm.attributedefinition",
    "scoring.scoringmodel",
    "scoring.matrixversion",
    "handoff.handoffpolicy",
    "handoff.rejectreason",
}
# What is made on a page of its own: there is one way to invite, and one place where a secret is shown.
MADE_ELSEWHERE = {"accounts.user": "/people/invite/", "accounts.apikey": "/keys/new/"}


def registered():
    return sorted(admin.site._registry, key=lambda model: model._meta.label_lower)


def changelist(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def peopled(world):
    """A lead with a history, so that lists have rows."""
    lead = world.lead("vera@theirs.example", first_name="Vera", last_name="Vice", title="VP", country="DE")
    world.send(lead)
    world.settle()
    return lead


def test_every_record_of_every_floor_is_in_the_admin_and_nothing_else(db):
    from django.apps import apps

    internal = {
        "accounts.idempotencyrecord",
        "accounts.ratewindow",
        "crm.externalid",
        "crm.leadtouch",
        "scoring.columngeneration",
        "scoring.presence",
        "scoring.runrange",
        "scoring.scoredistribution",
        "scoring.scoredrange",
    }
    # On the pages of the workbench, or with the record they belong to.
    inline = {
        "handoff.handoffmodel",
        "insights.baseline",
        "scoring.acceptedfinding",
        "scoring.alignmentmeeting",
        "scoring.comment",
        "scoring.meetingparticipant",
        "scoring.plannedpublication",
        "scoring.shadow",
        "scoring.shadowday",
        "scoring.shadowlead",
        "scoring.signoff",
        "scoring.versionedit",
        "scoring.versionreview",
    }
    ours = {model._meta.label_lower for model in apps.get_models() if model._meta.app_label in OURS}
    shown = {model._meta.label_lower for model in registered()}
    assert ours - shown <= internal | inline
    assert shown <= ours


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label_lower)
def test_each_list_opens_is_searched_and_has_a_form_only_where_a_form_may_save(model, peopled, signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    assert client.get(changelist(model), {"q": "1"}).status_code == 200
    add = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
    elsewhere = MADE_ELSEWHERE.get(model._meta.label_lower)
    if elsewhere:
        assert (add.status_code, add.url) == (302, elsewhere)
    else:
        assert add.status_code == (200 if model._meta.label_lower in EDITABLE else 403)


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label_lower)
def test_each_record_opens(model, peopled, signed_in):
    # There is one installation, and a release is of an import or of a version: the database holds to it.
    fixed = {"accounts.installation": {"pk": 1}, "handoff.release": {"_fill_optional": ["imported_by"]}}
    fixed = fixed.get(model._meta.label_lower, {})
    row = model._default_manager.order_by("pk").first() or baker.make(model, **fixed)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
    assert signed_in(Role.ADMINISTRATOR).get(url).status_code == 200


def test_what_services_write_cannot_be_written_here(peopled, signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    url = reverse("admin:crm_lead_change", args=[peopled.pk])
    assert client.post(url, {"first_name": "Mallory"}).status_code == 403
    assert client.post(reverse("admin:crm_lead_delete", args=[peopled.pk]), {"post": "yes"}).status_code == 403
    peopled.refresh_from_db()
    assert peopled.first_name == "Vera"


def test_an_auditor_reads_everything_changes_nothing_and_sees_no_name(peopled, signed_in):
    client = signed_in(Role.AUDITOR)
    for model in registered():
        response = client.get(changelist(model))
        assert response.status_code == 200, model
        assert "Vice" not in response.content.decode(), model
        assert "vera@" not in response.content.decode(), model
    page = client.get(reverse("admin:crm_lead_change", args=[peopled.pk])).content.decode()
    assert "Vice" not in page
    assert "vera@" not in page
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403


def test_a_manager_meets_the_leads_and_people_of_the_team_only(peopled, signed_in, person):
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    rita, paul = person(Role.REP, team=north, name="Rita North"), person(Role.REP, team=south, name="Paul South")
    other = Lead.objects.create(first_name="Sonja", owner=paul)
    Lead.objects.filter(pk=peopled.pk).update(owner=rita)
    client = signed_in(person(Role.SALES_MANAGER, team=north))
    text = client.get(reverse("admin:crm_lead_changelist")).content.decode()
    assert "Vice" in text
    assert "Sonja" not in text
    assert client.get(reverse("admin:crm_lead_change", args=[other.pk])).status_code == 302
    people = client.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert "Rita North" in people
    assert "Paul South" not in people


def test_a_manager_cannot_raise_anybody(signed_in, person):
    manager = person(Role.SALES_MANAGER)
    rep = person(Role.REP, team=manager.team, name="Rita")
    url = reverse("admin:accounts_user_change", args=[rep.pk])
    form = {"name": "New name", "role": "administrator", "email": "x@y.example", "weekly_capacity": 10}
    response = signed_in(manager).post(url, {**form, "time_zone": "UTC", "language": "en"})
    rep.refresh_from_db()
    assert response.status_code == 302
    assert (rep.name, rep.role, rep.weekly_capacity) == ("Rita", Role.REP, 10)


@pytest.mark.parametrize("model", [AuditEntry, ApiKey, User], ids=lambda model: model.__name__)
def test_a_marketer_does_not_meet_keys_people_and_audit(model, signed_in, db):
    assert signed_in(Role.MARKETER).get(changelist(model)).status_code == 403


def test_the_sidebar_shows_only_what_opens(signed_in, db):
    text = signed_in(Role.MARKETER).get("/admin/").content.decode()
    assert reverse("admin:crm_lead_changelist") in text
    assert reverse("admin:accounts_apikey_changelist") not in text


def test_a_revoked_key_is_dead_and_written_down(signed_in, db):
    key = ApiKey.objects.create(name="Old", prefix="ls_live_x", key_hash="h", feed="web", scopes=["tracker"])
    client = signed_in(Role.ADMINISTRATOR)
    revoke = reverse("admin:accounts_apikey_revoke", args=[key.pk])
    assert "Revoke the key" in client.get(revoke).content.decode()
    key.refresh_from_db()
    assert key.is_live, "a link alone changes nothing"
    client.post(revoke)
    key.refresh_from_db()
    assert not key.is_live
    assert AuditEntry.objects.filter(action="api_key.revoke", subject_id=key.pk).exists()


def test_what_an_administrator_saves_is_written_down(signed_in, db):
    signed_in(Role.ADMINISTRATOR).post(reverse("admin:accounts_team_add"), {"name": "North"})
    entry = AuditEntry.objects.get(action="team.create")
    assert entry.details == {"fields": ["name"]}


# Versions


def new_version(client, world, **source):
    return client.post(reverse("admin:scoring_matrixversion_add"), {"model": world.model.pk, "note": "A try", **source})


def test_a_version_is_made_from_a_preset(world, signed_in):
    response = new_version(signed_in(Role.MARKETER), world, preset="b2b_saas")
    version = MatrixVersion.objects.get(number=2)
    # On to the version: what lint says of it, and the way to publish it, stand there.
    assert (response.status_code, response.url) == (
        302,
        reverse("admin:scoring_matrixversion_change", args=[version.pk]),
    )
    assert (version.state, version.origin, version.note) == ("draft", "preset:b2b_saas", "A try")


@pytest.mark.parametrize("name", ["matrix.yaml", "matrix.json"])
def test_a_version_is_made_from_a_file(world, signed_in, name):
    from scoring.engine import write_json

    text = write_json(dict(MATRIX)) if name.endswith("json") else yaml_write(dict(MATRIX))
    new_version(signed_in(Role.MARKETER), world, file=SimpleUploadedFile(name, text.encode()))
    assert MatrixVersion.objects.get(number=2).document == world.model.versions.get(number=1).document


def test_rolling_back_is_a_copy_of_what_was(world, signed_in):
    first = MatrixVersion.objects.get(number=1)
    world.publish(changed(points={"exec-title": 30}))
    new_version(signed_in(Role.MARKETER), world, base=first.pk)
    assert MatrixVersion.objects.get(number=3).checksum == first.checksum


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: [unclosed", "This is not YAML"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"schema: 1\nname: x\n", "not a valid matrix"),
        (b"a: 1\na: 2\n", "stands twice"),
    ],
)
def test_a_file_that_is_no_matrix_says_what_is_wrong_and_where(world, signed_in, content, said):
    response = new_version(signed_in(Role.MARKETER), world, file=SimpleUploadedFile("m.yaml", content))
    assert response.status_code == 200
    assert said in response.content.decode()
    assert MatrixVersion.objects.count() == 1


def test_exactly_one_source_is_chosen(world, signed_in):
    client = signed_in(Role.MARKETER)
    for sources in ({}, {"preset": "b2b_saas", "base": MatrixVersion.objects.get().pk}):
        assert "Choose exactly one" in new_version(client, world, **sources).content.decode()


def test_a_version_is_read_as_sentences_with_lint_and_difference(world, signed_in):
    draft = world.draft(changed(points={"exec-title": 30}))
    text = signed_in(Role.MARKETER).get(reverse("admin:scoring_matrixversion_change", args=[draft.pk])).content.decode()
    for sentence in ("Executive title: 20 → 30 points", "seniority is one of C-level, VP", "L15", "fades to nothing"):
        assert sentence in text


def test_a_version_is_downloaded_as_yaml_that_reads_back(world, signed_in):
    version = MatrixVersion.objects.get()
    response = signed_in(Role.MARKETER).get(reverse("admin:scoring_matrixversion_download", args=[version.pk]))
    assert yaml_read(response.content.decode()) == version.document


@pytest.fixture
def draft(world):
    return world.draft(changed(points={"exec-title": 45}))


def publication(version):
    """The version's page leads here: there is one way to publish."""
    return reverse("workbench-publish", args=[version.pk])


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.MARKETER, Role.SALES_MANAGER])
def test_the_page_of_a_version_leads_to_its_publication(draft, signed_in, role):
    client = signed_in(role)
    page = client.get(reverse("admin:scoring_matrixversion_change", args=[draft.pk])).content.decode()
    leads_there = reverse("admin:scoring_matrixversion_publish", args=[draft.pk])
    assert leads_there in page
    response = client.get(leads_there)
    assert response.headers["Location"] == f"{reverse('workbench-review', args=[draft.pk])}?publish#publish"


def test_an_administrator_publishes_with_a_reason(draft, signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    review = reverse("workbench-review", args=[draft.pk])
    assert "Executive title: 20 → 45 points" in client.get(review).content.decode()
    response = client.post(publication(draft), {"when": "now", "how": "loud", "reason": "Sales asked for it."})
    assert response.status_code == 303
    draft.refresh_from_db()
    assert (draft.state, draft.publish_reason, draft.is_emergency) == ("published", "Sales asked for it.", True)
    assert draft.published_by == client.user


def test_without_a_reason_nothing_is_published(draft, signed_in):
    response = signed_in(Role.ADMINISTRATOR).post(publication(draft), {"reason": "  "})
    assert response.status_code == 422
    assert "required" in response.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_errors_of_lint_block_the_publication(world, signed_in):
    unreachable = [{"key": "cold"}, {"key": "mql", "at": 100_000}, {"key": "sql", "at": 200_000}]
    capped = [each for each in MATRIX["criteria"] if each["key"] != "demo"]
    draft = world.draft({**MATRIX, "stages": unreachable, "criteria": capped})
    response = signed_in(Role.ADMINISTRATOR).post(publication(draft), {"reason": "Because."})
    assert response.status_code == 422
    assert "block its publication" in response.content.decode()


@pytest.mark.parametrize("role", [Role.MARKETER, Role.SALES_MANAGER, Role.AUDITOR])
def test_nobody_else_publishes_without_signatures(draft, signed_in, role):
    client = signed_in(role)
    assert client.post(publication(draft), {"reason": "Because."}).status_code in {403, 404}
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_is_published_cannot_be_published_again(world, signed_in):
    version = MatrixVersion.objects.get()
    client = signed_in(Role.ADMINISTRATOR)
    assert client.post(publication(version), {"reason": "Again."}).status_code == 409
    page = client.get(reverse("admin:scoring_matrixversion_change", args=[version.pk])).content.decode()
    assert reverse("admin:scoring_matrixversion_publish", args=[version.pk]) not in page


def test_a_model_is_made_by_its_service(signed_in, db):
    form = {"name": "Enterprise", "slug": "enterprise", "priority": 50}
    signed_in(Role.MARKETER).post(reverse("admin:scoring_scoringmodel_add"), form)
    model = ScoringModel.objects.get()
    assert AuditEntry.objects.filter(action="model.create", subject_id=model.pk).exists()


# Quarantine


@pytest.fixture
def quarantined(world, peopled):
    """An activity that came too early: its time lay too far ahead."""
    item = {
        "message_id": "ahead",
        "lead": {"id": peopled.pk},
        "kind": "page_view",
        "occurred_at": "2026-03-06T12:00:00Z",
        "url": "https://ours.example/pricing",
    }
    (result,) = activities_record(feed="web", items=[item])
    assert result.status == "quarantined"
    return Quarantine.objects.get()


def replay(item, verb="replay"):
    return reverse(f"admin:crm_quarantine_{verb}", args=[item.pk])


def test_what_could_not_be_taken_is_taken_in_later(quarantined, world, signed_in, frozen_now):
    frozen_now.shift(timedelta(days=4))
    client = signed_in(Role.MARKETER)
    client.get(replay(quarantined))
    assert not Activity.objects.filter(message_id="ahead").exists(), "a link alone changes nothing"
    client.post(replay(quarantined))
    quarantined.refresh_from_db()
    assert quarantined.settled_by == client.user
    assert Activity.objects.filter(message_id="ahead").exists()
    assert AuditEntry.objects.filter(action="quarantine.replay", subject_id=quarantined.pk).count() == 1


def test_what_is_refused_again_stays_and_says_why(quarantined, signed_in):
    text = signed_in(Role.MARKETER).post(replay(quarantined), follow=True).content.decode()
    assert "refused again" in text
    quarantined.refresh_from_db()
    assert quarantined.settled_at is None
    assert Quarantine.objects.count() == 1


def test_what_is_set_aside_is_settled_once(quarantined, signed_in):
    client = signed_in(Role.MARKETER)
    client.post(replay(quarantined, "set_aside"))
    assert "settled this item already" in client.post(replay(quarantined, "set_aside"), follow=True).content.decode()
    assert not Activity.objects.filter(message_id="ahead").exists()


def test_a_lead_that_could_not_be_scored_is_tried_again(peopled, signed_in):
    item = Quarantine.objects.create(kind="score", lead=peopled, code="scoring_failed", detail="It stopped.")
    signed_in(Role.ADMINISTRATOR).post(replay(item))
    assert Work.objects.filter(lead=peopled, cause="retry").exists()


def test_an_auditor_settles_nothing(quarantined, signed_in):
    assert signed_in(Role.AUDITOR).post(replay(quarantined)).status_code == 403
    quarantined.refresh_from_db()
    assert quarantined.settled_at is None


def test_a_marketer_meets_the_quarantine(signed_in, db):
    Quarantine.objects.create(feed="web", kind="activity", code="unknown_lead", detail="Nobody by that id.")
    text = signed_in(Role.MARKETER).get(reverse("admin:crm_quarantine_changelist")).content.decode()
    assert "Nobody by that id." in text
