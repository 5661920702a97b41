"""The list as a file: what one sees, no more, and nothing that runs."""

import csv
import io
import resource
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from django.db import connection

from accounts.models import AuditEntry, Role, Team
from crm.models import Lead
from scoring.ranking import LeadFilters, columns_chosen, columns_on_offer, table_header, table_of, table_rows
from scoring.ranking.workbook import workbook_file

EXPORT = "/leads/export/"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0")


def read_csv(response):
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(response):
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [list(row) for row in book.active.iter_rows()]


def export(client, query="", kind="csv"):
    response = client.post(f"{EXPORT}?{query}", {"format": kind})
    assert response.status_code == 200
    return (read_csv if kind == "csv" else read_xlsx)(response)


@pytest.fixture
def three(world, person):
    leads = [
        world.lead(f"p{number}@x.example", first_name=name, country="DE", title=title)
        for number, (name, title) in enumerate((("Vera", "VP Sales"), ("Gerd", "=1+1"), ("Cold", "")))
    ]
    world.send(leads[0])
    world.settle()
    return leads


def test_the_file_is_the_list_with_its_columns(three, signed_in):
    rows = export(signed_in(Role.MARKETER), "search=p0&columns=total,email,last_activity,stage")
    assert rows[0] == ["Name", "Total", "Email", "Last activity", "Stage"]
    (row,) = rows[1:]
    assert row[:3] == ["Vera", "40", "p0@x.example"]
    assert datetime.fromisoformat(row[3]).utcoffset() is not None
    assert row[4] == "Marketing qualified"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_in_the_file_is_a_formula(kind, three, signed_in):
    for lead, text in zip(three, FORMULAS, strict=False):
        Lead.objects.filter(pk=lead.pk).update(first_name=text, title=text, city=FORMULAS[3])
    rows = export(signed_in(Role.MARKETER), "columns=title,city,total", kind)
    assert len(rows) == 4
    if kind == "csv":
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)
        assert {row[1] for row in rows[1:]} == {f"'{text}" for text in FORMULAS[:3]}
    else:
        assert {cell.data_type for row in rows for cell in row} == {"s", "n"}
        assert {row[1].value for row in rows[1:]} == set(FORMULAS[:3])
        assert all(isinstance(row[3].value, int) for row in rows[1:])


def test_a_workbook_takes_what_a_sheet_cannot_hold():
    with workbook_file(title="Leads", header=["=A"], rows=[["a\x01b", "x" * 40_000, None, 5]]) as file:
        sheet = openpyxl.load_workbook(file).active
    assert sheet["A1"].data_type == "s"
    assert (sheet["A2"].value, len(sheet["B2"].value), sheet["C2"].value, sheet["D2"].value) == ("ab", 32_767, None, 5)


def test_a_rep_takes_out_their_own_and_no_more_than_they_may(three, signed_in, person, monkeypatch):
    rita, rob = person(Role.REP), person(Role.REP)
    Lead.objects.filter(pk__in=[three[0].pk, three[1].pk]).update(owner=rita)
    Lead.objects.filter(pk=three[2].pk).update(owner=rob)
    assert {row[0] for row in export(signed_in(rita))[1:]} == {"Vera", "Gerd"}
    assert {row[0] for row in export(signed_in(rob))[1:]} == {"Cold"}
    monkeypatch.setattr("scoring.ranking.table.REP_EXPORT_ROWS", 1)
    cut = export(signed_in(rita))
    assert len(cut) == 3
    assert cut[2][0].startswith("Cut here: these are the first 1 leads")
    assert AuditEntry.objects.filter(action="lead.export").first().details["is_cut"] is True


def test_a_manager_takes_out_the_teams(three, signed_in, person):
    north = Team.objects.create(name="North")
    Lead.objects.filter(pk=three[0].pk).update(owner=person(Role.REP, team=north))
    assert [row[0] for row in export(signed_in(person(Role.SALES_MANAGER, team=north)))[1:]] == ["Vera"]


def test_an_auditor_takes_out_all_masked(three, signed_in):
    rows = export(signed_in(Role.AUDITOR), "columns=title,email,phone,city,total")
    assert rows[0] == ["Name", "Title", "Total"]
    assert {row[0] for row in rows[1:]} == {f"Lead {lead.pk}" for lead in three}


def test_each_export_is_one_row_of_the_audit_log_without_what_was_searched(three, signed_in):
    client = signed_in(Role.MARKETER)
    export(client, "search=Vera&country=DE")
    (entry,) = AuditEntry.objects.filter(action="lead.export")
    assert entry.actor == client.user
    assert (entry.details["rows"], entry.details["format"]) == (1, "csv")
    assert entry.details["filters"] == ["country", "search"]
    assert "Vera" not in str(entry.details)


def test_a_filter_that_cannot_be_read_exports_nothing(three, signed_in):
    client = signed_in(Role.MARKETER)
    response = client.post(f"{EXPORT}?country=ZZ", {"format": "csv"})
    assert response.status_code == 303
    assert "Nothing was exported" in client.get(response.url).content.decode()
    assert not AuditEntry.objects.filter(action="lead.export").exists()


def test_an_export_is_asked_for_by_post_and_signed_in(three, signed_in, client):
    assert signed_in(Role.MARKETER).get(EXPORT).status_code == 405
    assert client.post(EXPORT).status_code == 302


def test_who_is_erased_while_the_file_leaves_is_not_in_it(three, signed_in):
    response = signed_in(Role.MARKETER).post(EXPORT, {"format": "csv"})
    Lead.objects.filter(pk=three[0].pk).delete()
    assert "Vera" not in {row[0] for row in read_csv(response)}


def test_fifty_thousand_rows_leave_in_bounded_memory(db, person):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crm_lead (created_at, updated_at, email, email_key, first_name, last_name, title, phone, phone_key,"
            " country, state, city, source, qualification, attributes, email_domain, email_kind, phone_kind, seniority,"
            " department, revision) SELECT now(), now(), '', '', 'Lead', g::text, repeat('t', 200), '', '', '', '', '', '',"
            " '{}', '{}', '', '', '', '', '', 1 FROM generate_series(1, 50000) g"
        )
    columns = columns_chosen(["title"], columns_on_offer(definitions=[], is_masked=False, has_model=False))
    table = table_of(user=person(Role.MARKETER), model=None, filters=LeadFilters(), columns=columns, stages={})
    assert (len(table.lead_ids), table_header(table)) == (50_000, ["Name", "Title"])
    rows = table_rows(table)
    for _warm in range(1_000):
        next(rows)
    before = resident()
    peak = before
    for count, _row in enumerate(rows):
        if count % 500 == 0:
            peak = max(peak, resident())
    assert count == 48_999
    # All of them at once would be a hundred megabytes and more.
    assert peak - before < 40 * 1024 * 1024


def resident():
    """Bytes this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
