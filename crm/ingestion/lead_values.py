"""The values of a lead as they are sent, read strictly. Pure: nothing here asks the database.

A field that is not sent is left alone, null or blank clears it; of `qualification` and `attributes` each name on its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from crm.identity import EmailIdentity, country_code, read_email, registrable_domain
from crm.identity.emails import LONGEST, is_free_domain
from crm.identity.titles import SENIORITIES
from crm.ingestion.attribute_types import UNTYPED, AttributeTypes, Definitions, attribute_problems
from crm.ingestion.reading import Reader, unsound
from kernel.errors import Problem

TEXTS: Final = {
    "first_name": 200,
    "last_name": 200,
    "title": 300,
    "department": 60,
    "phone": 60,
    "state": 200,
    "city": 200,
    "source": 200,
}
LEAD_FIELDS: Final = (
    *TEXTS, "external_id", "email", "seniority", "country", "consent", "owner", "company", "qualification", "attributes",
)  # fmt: skip
COMPANY_FIELDS: Final = (
    "name", "domain", "industry", "country", "employees", "revenue", "technologies", "attributes",
)  # fmt: skip
READ_ONLY: Final = frozenset(
    ["id", "created_at", "updated_at", "revision", "email_kind", "email_domain", "phone_kind", "is_suspect", "feed",
     "score", "scores", "stage", "rating", "total", "grade", "level", "merged_into", "external_ids", "name"]
)  # fmt: skip
COMPANY_READ_ONLY: Final = frozenset(["id", "created_at", "updated_at", "owner"])


@dataclass(frozen=True, kw_only=True)
class CompanyValues:
    """What is said of a company. `fields` holds what was sent, normalised; `attributes` are merged name by name.

    `domain` and `name` are what it is found by; the domain may be guessed from a lead's address.
    """

    domain: str = ""
    name: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    is_domain_guessed: bool = False


@dataclass(frozen=True, kw_only=True)
class LeadValues:
    """What is said of a lead. `fields` holds the plain columns that were sent; None or "" clears."""

    external_id: str = ""
    email: EmailIdentity | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    qualification: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    company: CompanyValues | None = None
    is_company_cleared: bool = False
    # The sign-in address of the owner; "" takes the owner away, None says nothing.
    owner_email: str | None = None

    @property
    def email_key(self) -> str:
        return self.email.key if self.email else ""


def read_lead(
    values: object, *, needs_identity: bool = True, types: AttributeTypes = UNTYPED
) -> tuple[LeadValues | None, list[Problem]]:
    """The values and no problems, or None and every problem. `types` are the attributes that were agreed on."""
    if not isinstance(values, Mapping):
        return None, [Problem(pointer="", code="wrong_type", detail=_("Send an object."))]
    if problems := unsound(values):
        return None, problems
    reader = Reader(values)
    reader.only(LEAD_FIELDS, READ_ONLY)
    fields: dict[str, object] = {
        name: reader.text(name, longest=longest) or "" for name, longest in TEXTS.items() if name in values
    }
    if "seniority" in values:
        fields["seniority"] = reader.choice("seniority", SENIORITIES) or ""
    if "country" in values:
        fields["country"] = _country(reader)
    if "consent" in values:
        fields["consent"] = reader.boolean("consent")
    read = LeadValues(
        external_id=reader.text("external_id", longest=200) or "",
        email=_email(reader) if "email" in values else None,
        fields=fields,
        qualification=reader.custom("qualification"),
        attributes=_attributes(reader, types.lead),
        company=_company(reader, types.company),
        is_company_cleared="company" in values and values["company"] is None,
        owner_email=(reader.text("owner", longest=320) or "") if "owner" in values else None,
    )
    is_unread = any(found.pointer in {"/external_id", "/email"} for found in reader.problems)
    if needs_identity and not (read.external_id or read.email_key or is_unread):
        reader.refuse(
            "no_identity", _("Give an id (external_id) or a valid email: without one we cannot know who it is.")
        )
    return (None, reader.problems) if reader.problems else (read, [])


def read_company(
    values: Mapping[str, object], *, types: AttributeTypes = UNTYPED
) -> tuple[CompanyValues | None, list[Problem]]:
    """The values of a company on its own, under the same rules."""
    if problems := unsound(values):
        return None, problems
    reader = Reader({"company": values})
    read = _company(reader, types.company)
    problems = [
        Problem(pointer=found.pointer.removeprefix("/company"), code=found.code, detail=found.detail)
        for found in reader.problems
    ]
    return (None, problems) if problems else (read, [])


def _company(lead: Reader, definitions: Definitions) -> CompanyValues | None:
    reader = lead.part("company")
    if reader is None:
        return None
    reader.only(COMPANY_FIELDS, COMPANY_READ_ONLY)
    sent = reader.values
    fields: dict[str, object] = {
        name: reader.text(name, longest=longest) or ""
        for name, longest in {"name": 300, "industry": 200}.items()
        if name in sent
    }
    if "domain" in sent:
        fields["domain"] = _domain(reader)
    if "country" in sent:
        fields["country"] = _country(reader)
    fields |= {name: reader.integer(name) for name in ("employees", "revenue") if name in sent}
    if "technologies" in sent:
        fields["technologies"] = reader.texts("technologies", longest=100) or []
    return CompanyValues(
        domain=str(fields.get("domain", "")),
        name=str(fields.get("name", "")),
        fields=fields,
        attributes=_attributes(reader, definitions),
    )


def _attributes(reader: Reader, definitions: Definitions) -> dict[str, object]:
    read = reader.custom("attributes")
    reader.problems += attribute_problems(definitions, read, *reader.place, "attributes")
    return read


def _email(reader: Reader) -> EmailIdentity:
    email = read_email(reader.text("email", longest=LONGEST) or "")
    # Composing letters can make a text longer.
    if len(email.address) > LONGEST:
        reader.refuse("too_long", _("Send at most %(most)s characters.") % {"most": LONGEST}, "email")
    return email


def _country(reader: Reader) -> str:
    text = reader.text("country", longest=200)
    if text is None:
        return ""
    code = country_code(text)
    if not code:
        detail = _("This is no country we know. Send its two-letter ISO 3166 code or its name.")
        reader.refuse("unknown_country", detail, "country")
    return code


def _domain(reader: Reader) -> str:
    text = reader.text("domain", longest=2_000)
    if text is None:
        return ""
    domain = registrable_domain(text)
    if not domain:
        reader.refuse("bad_domain", _("This is no domain. Send one such as acme.example."), "domain")
    elif is_free_domain(domain):
        detail = _("This domain belongs to a mail provider, not to a company. Leave it out.")
        reader.refuse("free_mail_domain", detail, "domain")
    return domain
