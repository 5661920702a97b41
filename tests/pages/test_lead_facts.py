"""The fact side of the lead page: edit card by card, stale forms, history, restore, notes; who may and who may not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry, Role
from crm.models import AttributeDefinition, Company, FactChange, Lead, Note, PossibleDuplicate, Work
from crm.services.leads import lead_update, lead_upsert

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PARTS = ("person", "company", "qualification", "attributes")
EDITORS = (Role.MARKETER, Role.ADMINISTRATOR)


@pytest.fixture
def ann(world):
    return lead_upsert(
        feed="crm",
        values={
            "email": "ann@acme.example",
            "first_name": "Ann",
            "last_name": "Archer",
            "title": "CEO",
            "attributes": {"seats": 5},
        },
    ).lead


def form_of(client, lead, part="person"):
    """What a browser would send of the form as it is shown."""
    form = client.get(reverse("lead-facts-edit", args=[lead.pk, part])).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        text = "" if value is None else str(value)
        sent[field.html_name] = text
        if field.field.show_hidden_initial:
            sent[field.html_initial_name] = text
    return sent


def save(client, lead, part="person", headers=None, was=None, **changes):
    sent = {**(was or form_of(client, lead, part)), **changes}
    return client.post(reverse("lead-facts-edit", args=[lead.pk, part]), sent, headers=headers or {})


def own(client, lead):
    Lead.objects.filter(pk=lead.pk).update(owner=client.user)


class TestRights:
    @pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER])
    def test_what_is_not_theirs_is_not_found_and_what_is_can_be_edited(self, ann, signed_in, role):
        client = signed_in(role)
        change = FactChange.objects.create(
            subject_type="lead", subject_id=ann.pk, field="title", valid_at=ann.created_at, recorded_at=ann.created_at
        )
        note = Note.objects.create(lead=ann, author=client.user, text="x")
        addresses = [
            *(("get", reverse("lead-facts-edit", args=[ann.pk, part])) for part in PARTS),
            ("post", reverse("lead-facts-edit", args=[ann.pk, "person"])),
            ("get", reverse("lead-facts", args=[ann.pk, "person"])),
            ("get", reverse("lead-pending", args=[ann.pk])),
            ("get", reverse("lead-facts-history", args=[ann.pk])),
            ("post", reverse("lead-facts-restore", args=[ann.pk, change.pk])),
            ("get", reverse("lead-notes", args=[ann.pk])),
            ("post", reverse("lead-notes", args=[ann.pk])),
            ("get", reverse("note", args=[note.pk])),
            ("post", reverse("note-pin", args=[note.pk])),
            ("post", reverse("note-delete", args=[note.pk])),
            ("get", reverse("company", args=[ann.company_id])),
            ("get", reverse("company-edit", args=[ann.company_id])),
            ("get", reverse("company-history", args=[ann.company_id])),
            ("get", reverse("company-people", args=[ann.company_id])),
            ("post", reverse("company-parent", args=[ann.company_id])),
        ]
        assert [getattr(client, verb)(url).status_code for verb, url in addresses] == [404] * len(addresses)
        own(client, ann)
        assert all(client.get(url).status_code == 200 for verb, url in addresses if verb == "get")
        assert save(client, ann, title="CFO").status_code == 302

    def test_an_auditor_reads_and_writes_nothing(self, ann, signed_in):
        client = signed_in(Role.AUDITOR)
        for part in PARTS:
            url = reverse("lead-facts-edit", args=[ann.pk, part])
            assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
        for name in ("lead-notes",):
            url = reverse(name, args=[ann.pk])
            assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
        assert client.get(reverse("company-edit", args=[ann.company_id])).status_code == 403
        assert client.post(reverse("company-parent", args=[ann.company_id])).status_code == 403
        assert client.get(reverse("company", args=[ann.company_id])).status_code == 200

    def test_a_rep_gives_nobody_the_lead_and_a_manager_only_people_of_the_team(self, ann, signed_in, person):
        stranger = person(Role.REP, team=None, email="far@ours.example")
        type(stranger).objects.filter(pk=stranger.pk).update(team=None)
        rep, manager = signed_in(Role.REP), signed_in(Role.SALES_MANAGER)
        own(rep, ann)
        assert "owner" not in form_of(rep, ann)
        assert save(manager, ann, owner="far@ours.example").status_code == 422
        assert save(manager, ann, owner=manager.user.email).status_code == 302
        ann.refresh_from_db()
        assert ann.owner == manager.user

    def test_an_auditor_sees_that_a_fact_changed_but_not_what(self, ann, signed_in):
        lead_update(lead_id=ann.pk, values={"title": "Queen of hearts"})
        text = signed_in(Role.AUDITOR).get(reverse("lead-facts-history", args=[ann.pk])).content.decode()
        assert "Title" in text
        assert "Queen of hearts" not in text
        assert "Ann" not in text


class TestEdit:
    def test_only_what_was_changed_is_written_and_the_title_brings_seniority(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        Work.objects.all().delete()
        assert save(client, ann, title="VP Sales", phone="+48 600 100 200").status_code == 302
        ann.refresh_from_db()
        assert (ann.title, ann.seniority, ann.department) == ("VP Sales", "vp", "sales")
        fields = set(FactChange.objects.filter(subject_id=ann.pk, subject_type="lead").values_list("field", flat=True))
        assert fields == {"title", "seniority", "department", "phone", "phone_kind"}
        assert FactChange.objects.filter(field="title").get().changed_by == f"user:{client.user.pk}"
        assert Work.objects.filter(lead=ann).exists()

    def test_nothing_changed_writes_nothing(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        for part in PARTS:
            assert save(client, ann, part).status_code == 302
        before = ann.revision
        ann.refresh_from_db()
        assert ann.revision == before
        assert not FactChange.objects.exists()

    def test_what_somebody_said_of_seniority_outlives_the_title_until_it_is_given_back(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        save(client, ann, seniority="director")
        save(client, ann, title="VP Sales")
        ann.refresh_from_db()
        assert ann.seniority == "director"
        save(client, ann, seniority="")
        ann.refresh_from_db()
        assert ann.seniority == "vp"

    def test_saved_in_place_the_card_comes_back_with_the_head_and_that_the_score_is_behind(self, ann, signed_in):
        response = save(signed_in(Role.MARKETER), ann, headers=HTMX, first_name="Anna")
        text = response.content.decode()
        assert response.status_code == 200
        assert 'id="facts-person"' in text
        assert "Anna Archer" in text
        assert "Being scored again" in text
        assert "Saved" in response["HX-Trigger"]

    def test_once_the_score_has_followed_the_panels_are_fetched_again(self, ann, world, signed_in):
        client = signed_in(Role.MARKETER)
        save(client, ann, title="VP")
        assert "every 3s" in client.get(reverse("lead-pending", args=[ann.pk])).content.decode()
        world.settle()
        text = client.get(reverse("lead-pending", args=[ann.pk])).content.decode()
        assert "every 3s" not in text
        assert 'hx-target="#panel-lead-card"' in text

    @pytest.mark.parametrize(
        ("part", "change", "sentence"),
        [
            ("person", {"email": "nonsense"}, "This is no email address"),
            ("person", {"title": "x" * 301}, "at most 300 characters"),
            ("person", {"country": "XX"}, "Select a valid choice"),
            ("attributes", {"attributes.seats": "many"}, "Enter a number"),
            ("company", {"company": "gmail.com"}, "belongs to a mail provider"),
        ],
    )
    def test_wrong_input_keeps_what_was_typed_with_a_sentence_at_the_field(
        self, ann, signed_in, part, change, sentence
    ):
        response = save(signed_in(Role.MARKETER), ann, part, **change)
        text = response.content.decode()
        assert response.status_code == 422
        assert sentence in text
        assert not FactChange.objects.exists()
        if "country" not in change:
            assert next(iter(change.values())) in text

    def test_the_address_of_another_lead_says_whose_and_offers_to_note_it(self, ann, signed_in):
        bob = lead_upsert(feed="crm", values={"email": "bob@acme.example", "first_name": "Bob"}).lead
        client = signed_in(Role.MARKETER)
        response = save(client, ann, email="Bob@acme.example")
        assert response.status_code == 422
        assert reverse("lead", args=[bob.pk]) in response.content.decode()
        save(client, ann, duplicate_of=str(bob.pk))
        pair = PossibleDuplicate.objects.get()
        assert {pair.first_id, pair.second_id} == {ann.pk, bob.pk}

    def test_whose_address_it_is_stays_hidden_from_who_may_not_see_them(self, ann, signed_in):
        bob = lead_upsert(feed="crm", values={"email": "bob@acme.example", "first_name": "Bob"}).lead
        client = signed_in(Role.REP)
        own(client, ann)
        text = save(client, ann, email="bob@acme.example").content.decode()
        assert "another lead" in text
        assert reverse("lead", args=[bob.pk]) not in text
        assert save(client, ann, duplicate_of=str(bob.pk)).status_code == 404

    def test_hostile_text_is_shown_as_text(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        attack = "<script>alert(1)</script>"
        AttributeDefinition.objects.create(subject="lead", key="seats", label=attack, type="boolean", help_text=attack)
        Lead.objects.filter(pk=ann.pk).update(attributes={"seats": attack, attack: attack}, title=attack, source=attack)
        lead_update(lead_id=ann.pk, values={"title": f"{attack}2", "qualification": {attack: attack}})
        Note.objects.create(
            lead=ann, author=client.user, text=f"{attack} javascript:alert(1) https://a.example/?\"'><b>"
        )
        addresses = [
            reverse("lead", args=[ann.pk]),
            reverse("lead-facts-history", args=[ann.pk]),
            *(reverse("lead-facts-edit", args=[ann.pk, part]) for part in PARTS),
        ]
        for url in addresses:
            text = client.get(url).content.decode()
            assert attack not in text
            assert 'href="javascript:' not in text

    def test_on_a_page_of_its_own_the_form_is_sent_plainly(self, ann, signed_in):
        client, url = signed_in(Role.MARKETER), reverse("lead-facts-edit", args=[ann.pk, "person"])
        assert "hx-post" not in client.get(url).content.decode()
        assert "hx-post" in client.get(url, headers=HTMX).content.decode()


class TestStale:
    def test_two_who_change_different_fields_both_get_their_way(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        was = form_of(client, ann)
        lead_update(lead_id=ann.pk, values={"phone": "+48600100200"})
        assert save(client, ann, was=was, title="CFO").status_code == 302
        ann.refresh_from_db()
        assert (ann.title, ann.phone) == ("CFO", "+48600100200")

    @pytest.mark.parametrize(("keep", "title"), [("mine", "CFO"), ("theirs", "COO")])
    def test_two_who_change_the_same_field_choose(self, ann, signed_in, keep, title):
        client = signed_in(Role.MARKETER)
        was = form_of(client, ann)
        lead_update(lead_id=ann.pk, values={"title": "COO", "city": "Lodz"})
        response = save(client, ann, was=was, title="CFO", phone="123")
        text = response.content.decode()
        assert response.status_code == 409
        assert "COO" in text
        assert "CFO" in text
        assert not FactChange.objects.filter(after="CFO").exists()

        form = response.context["form"]
        again = {name: str(value) for name, value in form.data.items() if name != "csrfmiddlewaretoken"}
        assert again["city"] == "Lodz"
        response = client.post(reverse("lead-facts-edit", args=[ann.pk, "person"]), {**again, "keep-title": keep})
        assert response.status_code == 302
        ann.refresh_from_db()
        assert (ann.title, ann.phone, ann.city) == (title, "123", "Lodz")


class TestTyped:
    def test_each_type_has_its_input_and_comes_back_as_its_type(self, ann, signed_in):
        for position, (key, kind) in enumerate(
            [
                ("seats", "number"),
                ("vip", "boolean"),
                ("since", "date"),
                ("tier", "choice"),
                ("tags", "list"),
                ("memo", "text"),
            ]
        ):
            AttributeDefinition.objects.create(
                subject="lead", key=key, label=f"L-{key}", type=kind, position=position, choices=["gold"]
            )
        client = signed_in(Role.MARKETER)
        sent = {
            "attributes.seats": "12.5", "attributes.vip": "no", "attributes.since": "2026-02-01",
            "attributes.tier": "gold", "attributes.tags": "a\r\n b \r\n\r\n", "attributes.memo": "hi",
        }  # fmt: skip
        assert save(client, ann, "attributes", **sent).status_code == 302
        ann.refresh_from_db()
        assert ann.attributes == {
            "seats": 12.5, "vip": False, "since": "2026-02-01", "tier": "gold", "tags": ["a", "b"], "memo": "hi",
        }  # fmt: skip
        assert save(client, ann, "attributes", **dict.fromkeys(sent, "")).status_code == 302
        ann.refresh_from_db()
        assert ann.attributes == {}
        assert save(client, ann, "attributes", **{"attributes.tier": "tin"}).status_code == 422

    def test_labels_and_order_are_those_of_the_definitions_and_what_does_not_fit_says_so(self, ann, signed_in):
        AttributeDefinition.objects.create(subject="lead", key="seats", label="Paid seats", type="text", position=2)
        AttributeDefinition.objects.create(
            subject="lead", key="vip", label="Very important", type="boolean", position=1
        )
        text = signed_in(Role.MARKETER).get(reverse("lead", args=[ann.pk])).content.decode()
        assert text.index("Very important") < text.index("Paid seats")
        assert "Not of the type" in text

    def test_a_value_that_does_not_fit_stays_while_others_are_edited(self, ann, signed_in):
        AttributeDefinition.objects.create(subject="lead", key="seats", label="Seats", type="list")
        AttributeDefinition.objects.create(subject="lead", key="memo", label="Memo", type="text")
        assert save(signed_in(Role.MARKETER), ann, "attributes", **{"attributes.memo": "hi"}).status_code == 302
        ann.refresh_from_db()
        assert ann.attributes == {"seats": 5, "memo": "hi"}


class TestCompany:
    def test_a_known_company_is_chosen_by_its_number_and_a_new_one_by_its_name(self, ann, signed_in):
        client, twin = signed_in(Role.MARKETER), Company.objects.create(name="Acme")
        assert save(client, ann, "company", company=f"Acme (#{twin.pk})").status_code == 302
        ann.refresh_from_db()
        assert ann.company == twin
        save(client, ann, "company", company="Brand New Ltd")
        ann.refresh_from_db()
        assert ann.company.name == "Brand New Ltd"
        save(client, ann, "company", company="")
        ann.refresh_from_db()
        assert ann.company is None

    def test_only_companies_within_sight_are_offered(self, ann, signed_in):
        Company.objects.create(name="Acme Far")
        Company.objects.filter(pk=ann.company_id).update(name="Acme Near")
        rep = signed_in(Role.REP)
        own(rep, ann)
        url = reverse("company-options") + "?company=acme"
        assert "Far" not in rep.get(url).content.decode()
        assert "Near" in rep.get(url).content.decode()
        assert "Far" in signed_in(Role.MARKETER).get(url).content.decode()


class TestHistory:
    def test_each_change_says_what_it_was_and_who_made_it_and_is_taken_back_in_one_click(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        save(client, ann, title="CFO")
        save(client, ann, "attributes", **{"attributes.seats": "9"})
        url = reverse("lead-facts-history", args=[ann.pk])
        text = client.get(url).content.decode()
        for word in ("CEO", "CFO", str(client.user)):
            assert word in text
        for field in ("title", "attributes.seats"):
            change = FactChange.objects.get(field=field)
            assert client.post(reverse("lead-facts-restore", args=[ann.pk, change.pk])).status_code == 302
        ann.refresh_from_db()
        assert (ann.title, ann.attributes) == ("CEO", {"seats": 5})
        assert FactChange.objects.filter(field="title").count() == 2

    def test_a_field_nobody_knew_before_is_forgotten_again(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        save(client, ann, "qualification", **{"qualification.budget": "confirmed"})
        client.post(reverse("lead-facts-restore", args=[ann.pk, FactChange.objects.get().pk]))
        ann.refresh_from_db()
        assert ann.qualification == {}

    def test_the_company_of_before_is_given_back(self, ann, signed_in):
        client, before = signed_in(Role.MARKETER), ann.company_id
        save(client, ann, "company", company="Other")
        change = FactChange.objects.get(subject_type="lead", field="company")
        client.post(reverse("lead-facts-restore", args=[ann.pk, change.pk]))
        ann.refresh_from_db()
        assert ann.company_id == before

    def test_a_rep_does_not_give_back_an_owner_nor_anything_derived(self, ann, signed_in):
        rep = signed_in(Role.REP)
        own(rep, ann)
        for field in ("owner", "email_kind", "merged_into"):
            change = FactChange.objects.create(
                subject_type="lead", subject_id=ann.pk, field=field, valid_at=ann.created_at, recorded_at=ann.created_at
            )
            assert rep.post(reverse("lead-facts-restore", args=[ann.pk, change.pk])).status_code == 404

    def test_pages_follow_each_other_and_cost_the_same(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        url = reverse("lead-facts-history", args=[ann.pk])

        def queries():
            with CaptureQueriesContext(connection) as caught:
                response = client.get(url)
            return len(caught), response

        lead_update(lead_id=ann.pk, values={"city": "C0"}, by=client.user)
        few, _response = queries()
        for number in range(1, 61):
            lead_update(lead_id=ann.pk, values={"city": f"C{number}"}, by=client.user)
        many, response = queries()
        assert many == few
        following = client.get(url + response.context["next_url"])
        assert [change.before for change in following.context["changes"]][-1] is None
        assert len(response.context["changes"]) + len(following.context["changes"]) == 61


class TestNotes:
    def test_a_note_keeps_its_lines_and_makes_its_links_safe(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        text = "Call on Monday\nsee https://acme.example/offer <b>bold</b>"
        assert client.post(reverse("lead-notes", args=[ann.pk]), {"text": text}).status_code == 302
        shown = client.get(reverse("lead", args=[ann.pk])).content.decode()
        assert 'rel="nofollow"' in shown
        assert "Call on Monday<br>" in shown
        assert "&lt;b&gt;bold" in shown
        assert "Call on Monday" not in signed_in(Role.AUDITOR).get(reverse("lead", args=[ann.pk])).content.decode()
        assert not FactChange.objects.exists()

    def test_too_long_a_note_is_kept_in_the_field_and_says_by_how_much(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        response = client.post(reverse("lead-notes", args=[ann.pk]), {"text": "x" * 10_001}, headers=HTMX)
        assert response.status_code == 422
        assert "room for 10,000 characters; this one has 10,001" in response.content.decode()
        assert "x" * 10_001 in response.content.decode()
        assert not Note.objects.exists()

    def test_only_its_writer_changes_a_note_and_only_they_or_an_administrator_delete_it(self, ann, signed_in):
        writer, other, admin = signed_in(Role.MARKETER), signed_in(Role.MARKETER), signed_in(Role.ADMINISTRATOR)
        note = Note.objects.create(lead=ann, author=writer.user, text="first")
        assert other.post(reverse("note", args=[note.pk]), {"text": "mine"}).status_code == 403
        assert other.post(reverse("note-delete", args=[note.pk])).status_code == 403
        assert writer.post(reverse("note", args=[note.pk]), {"text": "second"}).status_code == 302
        note.refresh_from_db()
        assert (note.text, note.edited_at is not None) == ("second", True)
        assert other.post(reverse("note-pin", args=[note.pk])).status_code == 302
        note.refresh_from_db()
        assert note.is_pinned
        assert admin.post(reverse("note-delete", args=[note.pk])).status_code == 302
        assert not Note.objects.exists()
        assert AuditEntry.objects.get(action="note.delete").details["author"] == writer.user.pk

    def test_the_notes_of_a_merged_lead_stand_with_its_survivor(self, ann, signed_in):
        client = signed_in(Role.MARKETER)
        merged = Lead.objects.create(email="old@acme.example", merged_into=ann)
        note = Note.objects.create(lead=merged, author=client.user, text="from before")
        assert "from before" in client.get(reverse("lead", args=[ann.pk])).content.decode()
        assert client.post(reverse("note-pin", args=[note.pk]), headers=HTMX).status_code == 200
