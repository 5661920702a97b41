"""The pages of imports: who may come in, and a file on its way without any script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from crm.models import Import, Lead, SavedMapping
from crm.services.imports_running import imports_run

pytestmark = pytest.mark.django_db

FAIR = b"""Id,Mail,First name,Company,Wants demo on,Shoe size
1,ann@acme.example,Ann,Acme,2026-02-01,38
2,bob@globe.example,Bob,Globe,,44
,,Cy,=cmd(),,40
"""


def sent(client, content=FAIR, name="fair.csv"):
    return client.post(reverse("import-new"), {"file": SimpleUploadedFile(name, content)})


def chosen(page, **more):
    """What the form of the mapping page would send, as it stands."""
    context = page.context
    data = {"columns": context["fingerprint"], "was_about": context["about"], "about": context["about"]}
    for column in context["columns"]:
        data[f"to-{column.index}"], data[f"as-{column.index}"] = column.chosen, column.new_type
    for field in context["rules"]:
        data[field.html_name] = field.value() or ""
    return {**data, "feed": context["feed_form"]["feed"].value(), "save_as": "", **more}


def started(client, **more):
    sent(client)
    made = Import.objects.latest("pk")
    url = reverse("import-mapping", args=[made.pk])
    assert client.post(url, chosen(client.get(url), do="next", **more)).status_code == 302
    client.post(reverse("import-start", args=[made.pk]), {"handoffs": "quiet"})
    return made


def test_a_file_goes_all_the_way_by_plain_forms(signed_in):
    client = signed_in(Role.MARKETER)

    answer = sent(client)
    made = Import.objects.get()
    assert answer["Location"] == reverse("import-mapping", args=[made.pk])
    page = client.get(answer["Location"])
    assert {each.name: each.chosen for each in page.context["columns"]}["Mail"] == "email"
    assert not Lead.objects.exists(), "nothing goes in before it is started"
    data = chosen(page, do="next", **{"to-4": "happened:demo_request", "to-5": "new:lead", "as-5": "number"})
    answer = client.post(page.request["PATH_INFO"], {**data, "save_as": "Fair"})
    assert answer["Location"] == reverse("import-start", args=[made.pk])
    assert client.get(answer["Location"]).status_code == 200
    assert not Lead.objects.exists()
    answer = client.post(answer["Location"], {"handoffs": "quiet"})
    assert answer["Location"] == reverse("import", args=[made.pk])
    assert "hx-trigger" in client.get(reverse("import-progress", args=[made.pk])).content.decode()

    imports_run()

    made.refresh_from_db()
    assert made.counts == {"created": 2, "accepted": 1, "rejected": 1}
    assert Lead.objects.get(first_name="Ann").attributes == {"shoe_size": 38}
    ended = client.get(reverse("import-progress", args=[made.pk]))
    assert (ended["HX-Refresh"], "hx-trigger" in ended.content.decode()) == ("true", False)
    assert client.get(reverse("import", args=[made.pk])).status_code == 200
    rejected = b"".join(client.get(reverse("import-rejections", args=[made.pk])).streaming_content).decode("utf-8-sig")
    header, row = rejected.splitlines()
    assert header.startswith("rejected_line,rejected_field,rejected_reason,Id,Mail,First name,Company")
    assert row.startswith("4,")
    assert "'=cmd()" in row, "no cell runs as a formula"

    mended = rejected.replace(",,Cy", ",3,cy@acme.example,Cy")
    sent(client, mended.encode(), "mended.csv")
    page = client.get(reverse("import-mapping", args=[Import.objects.latest("pk").pk]))
    assert page.context["saved"].name == "Fair"
    assert [each.chosen for each in page.context["columns"]][:5] == ["", "", "", "external_id", "email"]

    client.post(reverse("import-undo", args=[made.pk]))
    imports_run()
    assert "leads it made went" in client.get(reverse("import", args=[made.pk])).content.decode()
    assert not Lead.objects.exists()


def test_what_cannot_be_read_is_refused_where_it_was_chosen_and_leaves_nothing(signed_in):
    client = signed_in(Role.MARKETER)

    for content in (b"%PDF-1.7 nothing", b""):
        answer = sent(client, content)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
    assert client.post(reverse("import-new")).status_code == 422
    assert not Import.objects.exists()


def test_a_slip_keeps_what_was_chosen_and_says_what_is_wrong_beside_it(signed_in):
    client = signed_in(Role.MARKETER)
    sent(client)
    url = reverse("import-mapping", args=[Import.objects.get().pk])

    answer = client.post(url, chosen(client.get(url), do="next", feed="Not A Slug", **{"to-2": "email"}))

    assert answer.status_code == 422
    columns = {each.name: each for each in answer.context["columns"]}
    assert (columns["First name"].chosen, bool(columns["First name"].error)) == ("email", True)
    assert answer.context["feed_form"]["feed"].value() == "Not A Slug"
    assert answer.context["feed_form"].errors


def test_a_rule_that_cannot_be_is_said_and_the_page_stays(signed_in):
    client = signed_in(Role.MARKETER)
    sent(client)
    url = reverse("import-mapping", args=[Import.objects.get().pk])

    answer = client.post(url, chosen(client.get(url), do="next", **{"rule-time_zone": "Mars/Olympus"}))

    assert answer.status_code == 422
    assert "time zone" in answer.context["refusal"]
    assert len(answer.context["columns"]) == 6


def test_an_open_order_of_dates_is_asked_and_stops_until_it_is_answered(signed_in):
    client = signed_in(Role.MARKETER)
    sent(client, b"Mail,Seen on\nann@acme.example,03/04/2026\nbob@acme.example,05/06/2026\n")
    url = reverse("import-mapping", args=[Import.objects.get().pk])
    page = client.get(url)
    assert [question.rule for question in page.context["questions"]] == ["date_order"]

    assert client.post(url, chosen(page, do="next")).status_code == 422
    answered = chosen(client.get(url), do="next", **{"rule-date_order": "dmy"})
    assert client.post(url, answered).status_code == 302


def test_the_preview_shows_the_rows_as_they_will_be(signed_in):
    client = signed_in(Role.MARKETER)
    sent(client)
    url = reverse("import-mapping", args=[Import.objects.get().pk])

    part = client.post(
        url, chosen(client.get(url), do="preview", **{"to-4": "happened:demo_request"}), headers={"HX-Request": "true"}
    )

    assert part.templates[0].name == "crm/imports/_preview.html"
    assert [row["activities"] for row in part.context["preview_rows"]] == [["demo_request"], [], []]
    assert part.context["preview_bad"] == 1


def test_auditors_look_without_cells_and_reps_find_nothing(signed_in):
    mia = signed_in(Role.MARKETER)
    made = started(mia)
    imports_run()
    auditor, rep = signed_in(Role.AUDITOR), signed_in(Role.REP)
    looks = [reverse("imports"), reverse("import", args=[made.pk]), reverse("import-progress", args=[made.pk])]
    acts = [
        ("get", reverse("import-new")),
        ("get", reverse("import-mapping", args=[made.pk])),
        ("get", reverse("import-start", args=[made.pk])),
        ("get", reverse("import-rejections", args=[made.pk])),
        ("get", reverse("saved-mappings")),
        ("post", reverse("import-stop", args=[made.pk])),
        ("post", reverse("import-undo", args=[made.pk])),
    ]

    for url in looks:
        assert (auditor.get(url).status_code, rep.get(url).status_code) == (200, 404), url
    for method, url in acts:
        assert (getattr(auditor, method)(url).status_code, getattr(rep, method)(url).status_code) == (403, 404), url
    seen = auditor.get(reverse("import", args=[made.pk])).content.decode()
    assert "Cy" not in seen
    assert "Download" not in seen
    made.refresh_from_db()
    assert made.state == Import.State.DONE


def test_a_saved_mapping_is_listed_and_deleted(signed_in):
    client = signed_in(Role.MARKETER)
    started(client, save_as="Fair")

    assert "Fair" in client.get(reverse("saved-mappings")).content.decode()
    client.post(reverse("saved-mapping-delete", args=[SavedMapping.objects.get().pk]))
    assert not SavedMapping.objects.exists()


def test_the_list_asks_as_much_for_thirty_imports_as_for_one(signed_in, person):
    client = signed_in(Role.MARKETER)
    mia = person(Role.MARKETER)

    def make(count):
        for _ in range(count):
            Import.objects.create(file_name="x.csv", feed="x", size=1, created_by=mia, state="done")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("imports")).status_code == 200
        return len(captured)

    make(1)
    client.get(reverse("imports"))
    one = queries()
    make(40)
    assert queries() == one


def test_empty_pages_say_what_to_do(signed_in):
    assert "Drop a CSV" in signed_in(Role.MARKETER).get(reverse("imports")).content.decode()
    assert "Marketing and administrators" in signed_in(Role.AUDITOR).get(reverse("imports")).content.decode()


@pytest.mark.parametrize("save_as", ["CRM list", ""], ids=["kept", "not kept"])
@pytest.mark.parametrize(
    "change", [lambda rows: rows, lambda rows: rows.replace(b";", b",")], ids=["as is", "by commas"]
)
def test_rows_that_were_mended_come_back_as_they_were_mapped_by_the_same_feed(signed_in, save_as, change):
    client = signed_in(Role.MARKETER)
    content = "Mail;Call;Seit;Menge\nann@acme.example;+49 30 1234567;01.02.2026;9\nbob@;+49 30 7654321;03.02.2026;8\n"
    sent(client, content.encode(), "crm.csv")
    made = Import.objects.get()
    url = reverse("import-mapping", args=[made.pk])
    choices = {
        "to-0": "email",
        "to-1": "phone",
        "to-2": "new:lead",
        "as-2": "date",
        "to-3": "new:company",
        "as-3": "number",
    }
    client.post(url, chosen(client.get(url), do="next", **choices, feed="crm-export", save_as=save_as))
    client.post(reverse("import-start", args=[made.pk]), {"handoffs": "quiet"})
    imports_run()

    rejected = b"".join(client.get(reverse("import-rejections", args=[made.pk])).streaming_content)
    assert b"rejected_line;" in rejected
    sent(client, change(rejected.replace(b"bob@", b"bob@acme.example")), "mended.csv")
    mended = Import.objects.latest("pk")
    url = reverse("import-mapping", args=[mended.pk])
    page = client.get(url)
    assert [each.chosen for each in page.context["columns"]][3:] == [
        "email", "phone", "attributes.seit", "company.attributes.menge"
    ]  # fmt: skip
    assert client.post(url, chosen(page, do="next")).status_code == 302
    client.post(reverse("import-start", args=[mended.pk]), {"handoffs": "quiet"})
    imports_run()

    mended.refresh_from_db()
    bob = Lead.objects.get(email="bob@acme.example")
    assert (mended.feed, mended.counts) == ("crm-export", {"created": 1})
    assert (bob.phone, bob.attributes) == ("+49 30 7654321", {"seit": "2026-02-03"})


def test_a_chosen_attribute_has_the_key_that_would_have_been_suggested(signed_in):
    client = signed_in(Role.MARKETER)
    sent(client, "Mail;Schuhgröße\nann@acme.example;42,5\n".encode())
    made = Import.objects.get()
    url = reverse("import-mapping", args=[made.pk])
    page = client.get(url)
    assert page.context["columns"][1].chosen == "attributes.schuhgrosse"

    client.post(url, chosen(page, do="next", **{"to-1": "new:lead", "as-1": "number"}))

    made.refresh_from_db()
    assert made.mapping["columns"]["Schuhgröße"]["to"] == "attributes.schuhgrosse"


def test_the_preview_names_an_attribute_by_its_column_and_times_are_of_who_looks(signed_in):
    client = signed_in(Role.MARKETER)
    client.user.time_zone = "Europe/Berlin"
    client.user.save()
    sent(client, b"Mail,Shoe size,Likes socks\nann@acme.example,38,yes\n")

    page = client.get(reverse("import-mapping", args=[Import.objects.get().pk]))

    assert [str(each) for each in page.context["preview_fields"]] == ["email", "Shoe size", "Likes socks"]
    assert '<td class="max-w-56 truncate">yes</td>' in page.content.decode()
    assert {each.name: each.value() for each in page.context["rules"]}["time_zone"] == "Europe/Berlin"


def test_the_result_says_in_which_column_a_row_is_wrong_and_marks_its_tab(signed_in):
    client = signed_in(Role.MARKETER)
    sent(client, b"Mail,Employees\nann@acme.example,12\nbob@acme.example,many\ncy@acme.example,7\n")
    made = Import.objects.latest("pk")
    url = reverse("import-mapping", args=[made.pk])
    client.post(url, chosen(client.get(url), do="next", **{"to-1": "company.employees"}))
    client.post(reverse("import-start", args=[made.pk]), {"handoffs": "quiet"})
    imports_run()

    page = client.get(reverse("import", args=[made.pk]))

    assert [(row["line"], row["column"]) for row in page.context["first_rejections"]] == [(3, "Employees")]
    tabs = page.content.decode().split('aria-label="About leads"')[1].split("</nav>")[0]
    assert [part.split(">")[1].split("<")[0] for part in tabs.split("<a ")[1:] if "aria-current" in part] == ["Imports"]
