"""What people and the exports of other systems call the columns we know, in English, German and Polish. Pure data.

Names are compared without case, accents, spaces and signs: `E-Mail Address`, `email_address` and `EMAILADDRESS` are one.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_LEADS: Final[Mapping[str, str]] = {
    "external_id": """id, lead id, contact id, record id, record id - contact, record id (contact), person id, prospect id,
        person - id, contact 18-digit id, lead - id, customer id, kundennummer, kontakt id, kontakt-id, datensatz-id,
        numer klienta, identyfikator, id kontaktu, external id, externe id, uuid, guid, crm id""",
    "email": """email, e-mail, mail, email address, e-mail address, primary email, work email, business email, contact email,
        person - email, email (work), e-mail-adresse, emailadresse, mailadresse, adres email, adres e-mail, poczta,
        e-mail służbowy, email 1""",
    "name": """name, full name, contact name, person - name, lead name, vollständiger name, ansprechpartner, kontaktperson,
        imię i nazwisko, osoba kontaktowa, nazwisko i imię, contact, person, contact full name""",
    "first_name": """first name, firstname, given name, forename, person - first name, vorname, imię""",
    "last_name": """last name, lastname, surname, family name, person - last name, nachname, familienname, zuname,
        nazwisko""",
    "title": """title, job title, jobtitle, position, role, job, person - job title, berufsbezeichnung, jobtitel, position
        im unternehmen, funktion, stanowisko, rola""",
    "department": "department, abteilung, dział, bereich",
    "seniority": "seniority, seniority level, job level, management level, karrierestufe, poziom stanowiska",
    "phone": """phone, phone number, telephone, tel, mobile, mobile phone, mobile phone number, work phone, business phone,
        person - phone, phone (work), direct phone, telefon, telefonnummer, handy, mobil, mobilnummer, rufnummer,
        numer telefonu, telefon komórkowy, komórka""",
    "country": """country, country/region, country region, country code, mailing country, nation, person - country, land,
        ländercode, staat, kraj, państwo, kod kraju""",
    "state": """state, state/region, province, mailing state, region, bundesland, kanton, województwo, state/province""",
    "city": "city, town, mailing city, ort, stadt, wohnort, miasto, miejscowość",
    "source": """source, lead source, original source, original traffic source, source campaign, channel, utm_source,
        utm source, herkunft, quelle, leadquelle, źródło, źródło leada, acquisition channel""",
    "consent": """consent, opt-in, opt in, marketing consent, gdpr consent, email opt in, einwilligung, zustimmung,
        dsgvo-einwilligung, zgoda, zgoda marketingowa""",
    "owner": """owner, lead owner, contact owner, record owner, owner email, contact owner email, assigned to, sales rep,
        zuständig, besitzer, betreuer, kontaktinhaber, opiekun, właściciel, handlowiec""",
    "company.name": """company, company name, organization, organisation, organization name, account, account name,
        employer, person - organization, lead - organization, associated company, primary company,
        associated company (primary), firma, firmenname, unternehmen, organisation - name, nazwa firmy, firma/organizacja,
        organizacja, przedsiębiorstwo""",
    "company.domain": """domain, company domain, company domain name, website, web site, website url, company website, site,
        homepage, url, webseite, internetseite, webadresse, strona, strona www, strona internetowa, domena, www""",
    "company.industry": """industry, company industry, sector, vertical, branche, industrie, wirtschaftszweig, branża,
        sektor""",
    "company.country": """company country, company country/region, account country, billing country, land der firma,
        firmenland, kraj firmy, organization country""",
    "company.employees": """employees, number of employees, no. of employees, employee count, company size, headcount, staff,
        num employees, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, beschäftigte, firmengröße,
        liczba pracowników, zatrudnienie, pracownicy""",
    "company.revenue": """revenue, annual revenue, company revenue, turnover, umsatz, jahresumsatz, przychód, przychody,
        roczny przychód, obrót""",
    "company.technologies": "technologies, tech stack, web technologies, technologien, technologie",
}  # fmt: skip
_ACTIVITIES: Final[Mapping[str, str]] = {
    "message_id": """id, message id, event id, activity id, record id, touch, touch id, ereignis-id, aktivitäts-id,
        id zdarzenia, hit id, engagement id""",
    "lead.external_id": """lead id, contact id, person id, account id, user id, prospect id, customer id, person, contact,
        kundennummer, kontakt id, id kontaktu, external id""",
    "lead.email": _LEADS["email"],
    "visitor": "visitor, visitor id, cookie, cookie id, anonymous id, client id, device id, besucher, odwiedzający",
    "kind": """kind, type, event, event type, event name, activity, activity type, action, ereignis, ereignistyp, aktivität,
        aktion, typ, art, zdarzenie, typ zdarzenia, aktywność""",
    "occurred_at": """occurred at, date, time, timestamp, datetime, when, created, created at, created date, activity date,
        event date, event time, date/time, datum, zeit, zeitpunkt, zeitstempel, uhrzeit, data, czas, kiedy,
        data zdarzenia, date added""",
    "url": "url, page, page url, link, landing page, seite, adresse, strona",
    "subject": "subject, title, description, name, betreff, titel, temat, tytuł, opis",
    "value": "value, amount, total, wert, betrag, wartość, kwota, total amt usd",
    "source": "source, utm_source, quelle, herkunft, źródło",
}  # fmt: skip


def folded(name: str) -> str:
    """A column's name as it is compared."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l").replace("ß", "ss"))
    return re.sub(r"[\W_]", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _by_name(words: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """`{folded name: (target, rank)}`; a target's first names are the surer ones."""
    found: dict[str, tuple[str, int]] = {}
    for target, text in words.items():
        for rank, name in enumerate([target, *text.split(",")]):
            found.setdefault(folded(name), (target, rank))
    return found


LEADS_BY_NAME: Final = _by_name(_LEADS)
ACTIVITIES_BY_NAME: Final = _by_name(_ACTIVITIES)


def _folded_all(text: str) -> list[str]:
    return [folded(name) for name in text.split(",")]


#: Columns that say what became of somebody, when, and for how much.
STATE_NAMES: Final = _folded_all(
    "outcome, deal stage, deal status, opportunity stage, stage, status, lead status, deal - status, ergebnis, phase, wynik, etap"
)
CLOSED_NAMES: Final = _folded_all(
    """close date, closed at, closed on, closed date, closed, deal closed, won time, deal - won time, became a customer date,
    abschlussdatum, abgeschlossen am, schlusstermin, data zamknięcia, data wygranej"""
)
AMOUNT_NAMES: Final = _folded_all(
    "amount, deal amount, deal value, value, deal - value, opportunity amount, betrag, abschlusswert, wert, kwota, wartość"
)
STATE_WORDS: Final[Mapping[str, str]] = {
    folded(word): state
    for state, words in {
        "won": "won, closed won, customer, gewonnen, abgeschlossen und gewonnen, kunde, wygrana, wygrane, wygrany, klient",
        "lost": "lost, closed lost, verloren, abgeschlossen und verloren, przegrana, przegrane, przegrany, utracony",
        "open": """open, opportunity, negotiation, proposal, qualified to buy, offen, angebot, verhandlung, otwarta, otwarte,
            oferta, negocjacje""",
    }.items()
    for word in words.split(",")
}
