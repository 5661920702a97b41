"""The life of an import: brought, prepared, run, stopped, taken up, undone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Notification, Role
from accounts.notifications import wording
from crm import bell, tasks
from crm.models import (
    Activity,
    Cause,
    Company,
    ExternalId,
    FactChange,
    Import,
    ImportChunk,
    ImportRejection,
    Lead,
    SavedMapping,
    Work,
)
from crm.services import imports_running
from crm.services.activities import activities_record
from crm.services.erasure import lead_erase
from crm.services.imports import (
    feed_proposed,
    import_create,
    import_look,
    import_prepare,
    import_start,
    import_stop,
    import_undo,
    imports_same,
)
from crm.services.imports_asked import register_estimator, register_keeper
from crm.services.imports_estimate import import_estimate
from crm.services.imports_file import CHUNK, file_at_hand
from crm.services.imports_kept import imports_forget
from crm.services.imports_mappings import mapping_for, mapping_save
from crm.services.imports_running import imports_run
from crm.services.leads import lead_update, lead_upsert
from kernel.errors import BadRequestError, ConflictError

pytestmark = pytest.mark.django_db

FAIR = b"""Id,Mail,First,Company,Seen on
1,ann@acme.example,Ann,Acme,2026-02-01
2,bob@globe.example,Bob,Globe,
,,Cy,,
"""
MAPPING = {
    "schema": "1",
    "about": "leads",
    "columns": {"Id": "external_id", "Mail": "email", "First": "first_name", "Company": "company.name"},
    "activities": [{"kind": "event_attend", "occurred_at": {"column": "Seen on"}}],
}


def brought(content=FAIR, mapping=MAPPING, *, feed="fair", name="fair.csv", by=None, handoffs="quiet"):
    """An import that waits."""
    made = import_create(file_name=name, content=[content], by=by)
    import_prepare(import_id=made.pk, look=import_look(made), mapping=mapping, feed=feed)
    return import_start(import_id=made.pk, handoffs=handoffs, by=by)


def ran(*args, **kwargs):
    made = brought(*args, **kwargs)
    imports_run()
    made.refresh_from_db()
    return made


def undone(made, by=None):
    import_undo(import_id=made.pk, by=by)
    imports_run()
    made.refresh_from_db()
    return made


def test_a_file_goes_in_and_every_row_says_which_import_brought_it(person):
    mia = person(Role.MARKETER)

    made = ran(by=mia)

    assert (made.state, made.rows_done, made.rows_total) == (Import.State.DONE, 3, 3)
    assert made.counts == {"created": 2, "rejected": 1, "accepted": 1}
    assert set(Lead.objects.values_list("imported_by", flat=True)) == {made.pk}
    for model in (Company, ExternalId, Activity):
        assert set(model.objects.values_list("imported_by", flat=True)) == {made.pk}, model
    assert set(Work.objects.values_list("cause", "imported_by")) == {(Cause.IMPORTED, made.pk)}
    assert not ImportChunk.objects.exists(), "the file goes once it is in"
    assert list(AuditEntry.objects.values_list("action", "actor")) == [("import.start", mia.pk)]


def test_whoever_brought_a_file_is_told_how_it_ended(person):
    mia = person(Role.MARKETER)

    done = ran(by=mia)
    failed = brought(by=mia, name="gone.csv")
    failed.chunks.all().delete()
    imports_run()

    told = Notification.objects.order_by("pk")
    assert [(each.user, each.kind, each.url) for each in told] == [
        (mia, "import_done", f"/imports/{done.pk}/"),
        (mia, "import_failed", f"/imports/{failed.pk}/"),
    ]
    assert wording(told[0].kind, told[0].params) == "fair.csv is imported: 3 rows. 1 row did not go in."
    assert wording(told[1].kind, told[1].params) == "The import of gone.csv stopped. See why on its page."


def test_of_a_file_that_nobody_brought_nobody_is_told():
    ran()

    assert not Notification.objects.exists()


def test_what_others_send_carries_no_import():
    lead_upsert(feed="crm", values={"external_id": "1", "email": "ann@acme.example", "company": {"name": "Acme"}})

    assert list(Lead.objects.values_list("imported_by", flat=True)) == [None]
    assert list(Work.objects.values_list("cause", "imported_by")) == [(Cause.LEAD_CREATED, None)]


def test_a_row_that_does_not_go_in_is_kept_with_its_reason_and_its_cells():
    made = ran()

    [row] = ImportRejection.objects.all()
    assert (row.import_run, row.line, row.cells) == (made, 4, ["", "", "Cy", "", ""])
    assert row.detail


def test_the_same_file_again_changes_nothing_and_is_said():
    first = ran()
    before = list(Lead.objects.values_list("pk", "revision"))

    again = brought()
    assert list(imports_same(again)) == [first]
    imports_run()
    again.refresh_from_db()

    assert again.counts == {"unchanged": 2, "rejected": 1, "duplicate": 1}
    assert list(Lead.objects.values_list("pk", "revision")) == before


def test_a_file_is_kept_in_pieces_and_comes_back_whole():
    content = bytes(range(256)) * 8_193
    made = import_create(file_name="big.csv", content=[content[:700], content[700:]])

    assert [len(chunk.content) for chunk in made.chunks.all()] == [CHUNK, CHUNK, len(content) - 2 * CHUNK]
    with file_at_hand(made) as path:
        assert path.read_bytes() == content
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()


@pytest.mark.parametrize(("content", "code"), [(b"", "empty_file"), (b"a" * 101, "too_large")])
def test_a_file_that_is_empty_or_too_large_is_refused_and_nothing_is_kept(content, code, settings):
    settings.IMPORT_MAX_BYTES = 100

    with pytest.raises(BadRequestError) as refused:
        import_create(file_name="x.csv", content=[content])

    assert refused.value.code == code
    assert not Import.objects.exists()
    assert not ImportChunk.objects.exists()


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("Trade fair 2026.xlsx", "trade-fair-2026"),
        ("export_2026-03-01.csv", "export"),
        ("crm (3).csv", "crm"),
        ("Łódź.csv", "d"),
        ("…", "file"),
    ],
)
def test_the_sender_is_proposed_from_the_name_of_the_file(name, feed):
    assert feed_proposed(name) == feed


def test_an_import_that_fails_says_why_and_stops_no_other():
    broken, good = brought(), brought(feed="other")
    Import.objects.filter(pk=broken.pk).update(mapping={**MAPPING, "feed": "fair", "columns": {"Gone": "email"}})

    imports_run()

    broken.refresh_from_db()
    good.refresh_from_db()
    assert broken.state == Import.State.FAILED
    assert "Gone" in broken.error
    assert good.state == Import.State.DONE


def test_an_import_that_meets_a_fault_of_ours_fails_with_a_sentence_and_stops_no_other(monkeypatch):
    broken, good = brought(), brought(feed="other")
    real = imports_running.import_file

    def faulty(path, mapping, *, import_id, **rest):
        if import_id == broken.pk:
            raise KeyError("a fault")
        return real(path, mapping, import_id=import_id, **rest)

    monkeypatch.setattr(imports_running, "import_file", faulty)
    imports_run()

    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.state, good.state) == (Import.State.FAILED, Import.State.DONE)
    assert broken.error
    assert "fault" not in broken.error


def many(rows):
    return b"Id,Mail\n" + b"".join(b"%d,p%d@acme.example\n" % (n, n) for n in range(rows))


ONLY_LEADS = {"schema": "1", "about": "leads", "columns": {"Id": "external_id", "Mail": "email"}}


def test_an_import_is_handed_back_when_its_time_is_up_and_goes_on_after_the_last_stored_row():
    made = brought(many(1_200), ONLY_LEADS)

    for stored in (500, 1_000):
        assert imports_run(seconds=0)
        made.refresh_from_db()
        assert (made.state, made.rows_done) == (Import.State.RUNNING, stored)
    imports_run()

    made.refresh_from_db()
    assert (made.state, made.counts) == (Import.State.DONE, {"created": 1_200})
    assert Lead.objects.count() == 1_200


def test_a_runner_that_was_killed_is_taken_over_after_a_minute_and_not_before(monkeypatch):
    made = brought(many(1_200), ONLY_LEADS)
    real = imports_running._stored

    def killed(runner, batch):
        real(runner, batch)
        if batch.line > 1_000:
            raise SystemExit("killed")

    monkeypatch.setattr(imports_running, "_stored", killed)
    with pytest.raises(SystemExit):
        imports_run()
    monkeypatch.undo()
    made.refresh_from_db()
    assert (made.state, made.rows_done, Lead.objects.count()) == (Import.State.RUNNING, 500, 500)

    assert imports_run() == 0, "its runner may be alive"
    Import.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    imports_run()

    made.refresh_from_db()
    assert (made.state, made.counts, made.rows_done) == (Import.State.DONE, {"created": 1_200}, 1_200)
    assert Lead.objects.count() == 1_200


def test_a_stopped_import_keeps_what_is_stored_and_stores_no_more(monkeypatch):
    made = brought(many(1_200), ONLY_LEADS)
    real = imports_running._stored

    def then_stop(runner, batch):
        real(runner, batch)
        import_stop(import_id=made.pk)

    monkeypatch.setattr(imports_running, "_stored", then_stop)
    imports_run()

    assert Lead.objects.count() == 500


def test_stopping_what_was_never_started_lets_the_file_go_and_what_has_ended_is_refused():
    made = import_create(file_name="fair.csv", content=[FAIR])
    assert import_stop(import_id=made.pk).state == Import.State.STOPPED
    assert not ImportChunk.objects.exists()

    with pytest.raises(ConflictError):
        import_stop(import_id=ran().pk)


def test_starting_and_undoing_ring_for_the_task_by_its_name_after_the_commit(
    monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(bell, "_imports", bell.Bell(send=lambda: rung.append(bell.RUN_IMPORTS)))

    with django_capture_on_commit_callbacks(execute=True):
        made = brought()
        assert rung == []
    assert rung == [tasks.run_imports.name]
    tasks.run_imports()
    with django_capture_on_commit_callbacks(execute=True):
        import_undo(import_id=made.pk)
    assert len(rung) == 2


def test_nothing_starts_before_it_is_said_what_the_columns_mean():
    made = import_create(file_name="fair.csv", content=[FAIR])

    with pytest.raises(ConflictError):
        import_start(import_id=made.pk, handoffs="quiet")


def test_to_spread_hand_offs_asks_how_many_a_day():
    made = import_create(file_name="fair.csv", content=[FAIR])
    import_prepare(import_id=made.pk, look=import_look(made), mapping=MAPPING, feed="fair")

    with pytest.raises(BadRequestError):
        import_start(import_id=made.pk, handoffs="spread")
    assert import_start(import_id=made.pk, handoffs="spread", per_day=5).handoffs_per_day == 5


def test_an_estimate_stores_nothing_and_asks_the_floors_above(monkeypatch):
    asked = []
    monkeypatch.setattr("crm.services.imports_asked._estimators", [])
    register_estimator(lambda lead_ids, import_id: asked.append((sorted(lead_ids), import_id)) or 1)
    made = import_create(file_name="fair.csv", content=[FAIR])
    import_prepare(import_id=made.pk, look=import_look(made), mapping=MAPPING, feed="fair")

    estimated = import_estimate(import_id=made.pk)

    assert (estimated.estimate["rows"], estimated.estimate["qualified"]) == (3, 1)
    assert len(asked[0][0]) == 2
    assert not Lead.objects.exists()
    assert not Work.objects.exists()


def test_an_undone_import_leaves_nothing_of_its_own_behind(person):
    mia = person(Role.MARKETER)
    made = ran(by=mia)
    Work.objects.all().delete()

    undone(made, by=mia)

    assert made.state == Import.State.UNDONE
    assert made.undone_by == mia
    for model in (Lead, Company, ExternalId, Activity, FactChange, ImportRejection):
        assert not model.objects.exists(), model
    assert made.undo_counts["counts"] == {"activities": 1, "external_ids": 2, "leads": 2, "companies": 2}
    assert made.undo_counts["done"] == made.undo_counts["total"] == 7
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == ["import.start", "import.undo"]


def test_an_undone_import_can_be_brought_again():
    undone(ran())

    again = ran()

    assert again.counts == {"created": 2, "rejected": 1, "accepted": 1}


def test_an_undo_gives_back_what_the_import_changed_and_looks_again_at_the_lead():
    lead = lead_upsert(
        feed="crm",
        values={
            "email": "ann@acme.example",
            "first_name": "Anna",
            "company": {"name": "Acme Inc", "domain": "acme.example"},
        },
    ).lead
    made = ran()
    lead.refresh_from_db()
    assert lead.first_name == "Ann"
    Work.objects.all().delete()

    undone(made)

    lead.refresh_from_db()
    assert (lead.first_name, lead.company.name) == ("Anna", "Acme Inc")
    assert not Activity.objects.exists()
    changes = FactChange.objects.filter(subject_id=lead.pk, field="first_name").order_by("pk")
    assert [(each.before, each.after) for each in changes] == [("Anna", "Ann"), ("Ann", "Anna")], "both stay history"
    assert set(Work.objects.values_list("lead", "cause")) == {(lead.pk, Cause.IMPORT_UNDONE)}


def test_an_undo_leaves_what_somebody_changed_since():
    lead = lead_upsert(feed="crm", values={"email": "ann@acme.example", "first_name": "Anna"}).lead
    made = ran()
    lead_update(lead_id=lead.pk, values={"first_name": "Annette"})

    undone(made)

    lead.refresh_from_db()
    assert lead.first_name == "Annette"
    assert made.undo_counts["counts"]["facts_kept"] == 1


def test_a_value_told_between_two_rows_of_the_import_comes_back_by_an_undo():
    lead = lead_upsert(feed="crm", values={"email": "ann@acme.example", "first_name": "Anna"}).lead
    made = ran()
    lead_update(lead_id=lead.pk, values={"first_name": "Annette"})
    FactChange.objects.filter(after="Annette").update(valid_at=timezone.now() - timedelta(days=1))
    lead_update(lead_id=lead.pk, values={"first_name": "Ann"})
    FactChange.objects.filter(after="Ann", imported_by=None).delete()

    undone(made)

    lead.refresh_from_db()
    assert lead.first_name == "Annette"


@pytest.mark.parametrize("how", ["activity", "external_id", "change", "keeper"])
def test_a_lead_that_somebody_else_knows_by_now_stays(how, monkeypatch):
    made = ran()
    ann = Lead.objects.get(first_name="Ann")
    if how == "activity":
        item = {
            "message_id": "m1",
            "lead": {"id": ann.pk},
            "kind": "page_view",
            "occurred_at": timezone.now().isoformat(),
        }
        activities_record(feed="web", items=[item])
    elif how == "external_id":
        lead_upsert(feed="crm", values={"external_id": "77", "email": "ann@acme.example"})
    elif how == "change":
        lead_update(lead_id=ann.pk, values={"title": "CEO"})
    else:
        monkeypatch.setattr("crm.services.imports_asked._keepers", {})
        register_keeper("keeper", lambda lead_ids: {ann.pk})

    undone(made)

    assert list(Lead.objects.values_list("pk", flat=True)) == [ann.pk]
    assert made.undo_counts["counts"][f"leads_kept:{how}"] == 1
    assert Company.objects.filter(pk=ann.company_id).exists()
    assert not Activity.objects.filter(imported_by=made).exists()


def test_an_undo_goes_on_where_it_was_cut_short():
    made = ran(many(1_200), ONLY_LEADS)
    import_undo(import_id=made.pk)

    turns = 0
    while imports_run(seconds=0):
        turns += 1
    made.refresh_from_db()

    assert turns > 3
    assert made.state == Import.State.UNDONE
    assert made.undo_counts["counts"] == {"external_ids": 1_200, "leads": 1_200, "companies": 1}
    assert not Lead.objects.exists()


def test_only_what_has_ended_can_be_undone():
    with pytest.raises(ConflictError):
        import_undo(import_id=brought().pk)


def test_rejected_rows_of_an_erased_person_go_however_their_address_is_written():
    lead = lead_upsert(feed="crm", values={"email": "Ann@Acme.example", "external_id": "c-9"}).lead
    made = ran()
    for line, cells in enumerate((["x", " ANN@acme.example "], ["C-9", ""], ["y", "bob@globe.example"]), start=90):
        ImportRejection.objects.create(import_run=made, line=line, code="x", detail="x", cells=cells)

    lead_erase(lead_id=lead.pk)

    assert set(ImportRejection.objects.values_list("line", flat=True)) == {4, 92}


def test_a_first_row_taken_for_a_header_is_forgotten_with_its_person():
    """A file without a header was read as if it had one: its first person's cells became the names of columns."""
    lead = lead_upsert(feed="crm", values={"email": "ann@acme.example", "external_id": "2"}).lead
    made = ran()
    Import.objects.filter(pk=made.pk).update(
        columns=["Ann@Acme.example", "Ann"], mapping={"columns": {"Ann@Acme.example": "email"}}
    )
    by_number = Import.objects.create(feed="fair", file_name="b.csv", size=1, digest="0" * 64, columns=["1", "2"])
    mapping_save(name="Fair", mapping={**MAPPING, "feed": "fair"}, rules={}, header=["ann@acme.example", "ann"])

    lead_erase(lead_id=lead.pk)

    made.refresh_from_db()
    by_number.refresh_from_db()
    assert (made.columns, made.mapping, SavedMapping.objects.count()) == ([], {}, 0)
    assert by_number.columns == ["1", "2"], "its second column is no person's"


def test_rejected_rows_go_after_thirty_days_and_files_that_were_never_started_after_three():
    ran()
    waiting = import_create(file_name="fair.csv", content=[FAIR])

    imports_forget(now=timezone.now() + timedelta(days=2))
    assert (ImportRejection.objects.count(), ImportChunk.objects.count()) == (1, 1)
    imports_forget(now=timezone.now() + timedelta(days=31))

    waiting.refresh_from_db()
    assert waiting.state == Import.State.STOPPED
    assert (ImportRejection.objects.count(), ImportChunk.objects.count()) == (0, 0)


def test_a_saved_mapping_is_offered_where_all_its_columns_are_there():
    made = import_create(file_name="fair.csv", content=[FAIR])
    look = import_look(made)
    mapping = {**MAPPING, "feed": "fair"}
    mapping_save(name="Fair", mapping=mapping, rules=look.rules.to_json(), header=look.header)
    mapping_save(name="Fair", mapping=mapping, rules=look.rules.to_json(), header=look.header)

    assert SavedMapping.objects.count() == 1
    assert mapping_for(look.header).name == "Fair"
    assert mapping_for(["rejected_line", *look.header]).name == "Fair", "the rows that failed, mended"
    assert mapping_for(look.header[1:]) is None
