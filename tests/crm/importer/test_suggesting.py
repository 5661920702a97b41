"""What columns are taken for, in the exports of other systems and by what they hold."""

import pytest

from crm.ingestion.looking import file_look
from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.suggesting import attribute_key, mapping_suggest


@pytest.fixture
def suggest(tmp_path):
    def make(text, **more):
        path = tmp_path / "leads.csv"
        path.write_text(text)
        document = mapping_suggest(file_look(path, file_name="leads.csv"), **more)
        mapping_from_document(document)
        return document

    return make


def test_a_slip_among_numbers_and_days_costs_neither_the_column_nor_the_row(suggest):
    rows = [f"p{number}@acme.example;{number + 3};{number + 1:02}.03.2026;0,{number}" for number in range(25)]
    rows[7] = "p7@acme.example;viele;08.03.2026;0,7"
    rows[9] = "p9@acme.example;12;31.02.2026;0,9"
    columns = suggest("E-Mail;Mitarbeiter;Erstellt am;Größe\n" + "\n".join(rows) + "\n")["columns"]

    employees, created, size = (columns[name] for name in ("Mitarbeiter", "Erstellt am", "Größe"))
    assert (employees["to"], employees["unreadable_to"]) == ("company.employees", "attributes.mitarbeiter_text")
    assert (created["as"], created["unreadable_to"]) == ("date", "attributes.erstellt_am_text")
    assert size["as"] == "number"
    assert "unreadable_to" not in size


def test_a_column_of_days_that_do_not_exist_is_none_of_phone_numbers(suggest):
    columns = suggest("Mail,Since\na@b.example,31.02.2026\nb@b.example,30.02.2026\n")["columns"]

    assert columns["Since"]["to"] == "attributes.since"
    assert "as" not in columns["Since"]


def targets(document):
    return {name: rule["to"] for name, rule in document["columns"].items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Record ID - Contact,First Name,Last Name,Email,Phone Number,Company Name,Job Title,Country/Region,"
            "Original Source,Contact owner\n"
            "151,Ann,Lee,ann@acme.example,+49 30 901820,Acme,CTO,Germany,Organic Search,rep@ours.example\n",
            ["external_id", "first_name", "last_name", "email", "phone", "company.name", "title", "country", "source",
             "owner"],
            id="hubspot",
        ),
        pytest.param(
            "Lead ID,First Name,Last Name,Title,Company / Account,Email,Lead Source,State/Province,No. of Employees,"
            "Annual Revenue,Website,Industry\n"
            "00Q5e000001,Ann,Lee,CTO,Acme,ann@acme.example,Web,CA,240,1000000,www.acme.example,Steel\n",
            ["external_id", "first_name", "last_name", "title", "attributes.company_account", "email", "source", "state",
             "company.employees", "company.revenue", "company.domain", "company.industry"],
            id="salesforce",
        ),
        pytest.param(
            "Person - ID;Person - Name;Person - Email;Person - Phone;Person - Organization\n"
            "7;Ann Lee;ann@acme.example;+48 600 100 200;Acme\n",
            ["external_id", "name", "email", "phone", "company.name"],
            id="pipedrive",
        ),
        pytest.param(
            "id,firstname,lastname,email,company,position,city,country,points\n7,Ann,Lee,a@b.example,Acme,CTO,Bonn,DE,12\n",
            ["external_id", "first_name", "last_name", "email", "company.name", "title", "city", "country",
             "attributes.points"],
            id="mautic",
        ),
        pytest.param(
            "Kundennummer;Vorname;Nachname;E-Mail-Adresse;Telefonnummer;Firma;Land;Mitarbeiterzahl;Abteilung\n"
            "7;Jörg;Groß;joerg@acme.example;030 901820;Acme;Deutschland;1.200;Einkauf\n",
            ["external_id", "first_name", "last_name", "email", "phone", "company.name", "country", "company.employees",
             "department"],
            id="german",
        ),
        pytest.param(
            "Imię;Nazwisko;Adres e-mail;Numer telefonu;Nazwa firmy;Stanowisko;Kraj;Liczba pracowników\n"
            "Żaneta;Nowak;z@acme.example;+48 600 100 200;Acme;Prezes;Polska;40\n",
            ["first_name", "last_name", "email", "phone", "company.name", "title", "country", "company.employees"],
            id="polish",
        ),
        pytest.param(
            "a,b,c,d,e,f,g\n"
            "ann@acme.example,+48 600 100 200,www.acme.example,Poland,yes,2026-04-03,12\n"
            "bob@loom.example,+48 600 100 300,loom.example,FR,no,2026-04-13,14\n",
            ["email", "phone", "company.domain", "country", "attributes.e", "attributes.f", "attributes.g"],
            id="by what they hold",
        ),
    ],
)  # fmt: skip
def test_columns_of_known_exports_find_their_fields(suggest, text, expected):
    assert list(targets(suggest(text)).values()) == expected


def test_own_columns_are_read_as_what_they_hold_and_reasons_are_given(suggest):
    columns = suggest("Mail,Opted in,Born,Budget\na@b.example,yes,2026-04-03,5\n")["columns"]

    assert [columns[name].get("as") for name in ("Mail", "Opted in", "Born", "Budget")] == [
        None,
        "boolean",
        "date",
        "number",
    ]
    assert columns["Mail"]["why"] == "by its name, and its cells are email addresses"
    assert columns["Mail"]["sure"] > columns["Born"]["sure"]


def test_two_columns_never_fill_one_field_and_the_surer_one_does(suggest):
    found = targets(suggest("Second mail,E-Mail,Email 1\nx@b.example,a@b.example,b@b.example\n"))

    assert found == {"Second mail": "attributes.second_mail", "E-Mail": "email", "Email 1": "attributes.email_1"}


def test_a_name_that_its_cells_deny_is_not_believed(suggest):
    assert targets(suggest("Email,Employees,Mail\nyes,many,a@b.example\n")) == {
        "Email": "attributes.email", "Employees": "attributes.employees", "Mail": "email",
    }  # fmt: skip


def test_the_attributes_of_the_installation_are_known(suggest):
    found = suggest("Mail,Plan Name\na@b.example,pro\n", attributes=["plan_name"])

    assert found["columns"]["Plan Name"]["to"] == "attributes.plan_name"
    assert found["columns"]["Plan Name"]["sure"] > 0.9


def test_empty_columns_are_left_out_and_placeholders_taken_along(suggest):
    found = suggest("Mail,Town,Void\na@b.example,keine Angabe,\nb@b.example,Bonn,n/a\n")

    assert (found["ignore"], found["placeholders"]) == (["Void"], ["keine Angabe"])


def test_codes_are_no_numbers(suggest):
    columns = suggest("Mail,Zip code\na@b.example,01067\n")["columns"]

    assert columns["Zip code"] == {"to": "attributes.zip_code", "why": "its cells are texts", "sure": 0.3}


def test_people_without_any_id_are_known_by_the_first_column_where_each_cell_is_another(suggest):
    assert targets(suggest("1001,Acme\n1002,Loom\n"))["1"] == "external_id"
    assert targets(suggest("1001,Acme\n1001,Loom\n"))["1"] == "attributes.column_1"


def test_what_became_of_leads_is_an_outcome_where_it_has_its_day(suggest):
    dated = suggest("Mail,Deal Stage,Close Date,Amount\na@b.example,Closed Won,2026-04-03,500\n")
    undated = suggest("Mail,Deal Stage\na@b.example,Closed Won\n")

    assert dated["outcome"] == {
        "state": {"column": "Deal Stage", "translate": {"Closed Won": "won"}}, "at": "Close Date", "amount": "Amount",
    }  # fmt: skip
    assert targets(dated) == {"Mail": "email"}
    assert targets(undated) == {"Mail": "email", "Deal Stage": "attributes.deal_stage"}
    assert "outcome" not in undated


def test_a_file_about_activities_fills_theirs(suggest):
    found = suggest(
        "Event ID,Email,Event type,Timestamp,Page URL,Campaign\nt1,a@b.example,visit,2026-04-03T10:00:00Z,https://ours.example/,x\n",
        about="activities",
    )

    assert list(targets(found).values()) == [
        "message_id", "lead.email", "kind", "occurred_at", "url", "properties.campaign",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "key"), [("Größe (m²)", "grosse_m2"), ("2024", "column_2024"), ("!!!", "column")])
def test_names_of_our_own_are_plain(name, key):
    assert attribute_key(name) == key
