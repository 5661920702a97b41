"""Who somebody is, read from what they typed. Pure: no database, no network, no clock.

`emails`, `phones`, `countries` and `titles` normalise and classify; `names` finds names nobody has; `likeness` says how
much two people look like one; `tombstones` makes what remains of an erased identity.
"""

from crm.identity.countries import country_code
from crm.identity.emails import EmailIdentity, company_domain, read_email, registrable_domain
from crm.identity.likeness import Likeness, Person, likeness, likeness_keys
from crm.identity.names import suspect_reason
from crm.identity.phones import PhoneIdentity, read_phone
from crm.identity.titles import department_of, seniority_of
from crm.identity.tombstones import email_tombstone, external_tombstone, lead_tombstone

__all__ = [
    "EmailIdentity",
    "Likeness",
    "Person",
    "PhoneIdentity",
    "company_domain",
    "country_code",
    "department_of",
    "email_tombstone",
    "external_tombstone",
    "lead_tombstone",
    "likeness",
    "likeness_keys",
    "read_email",
    "read_phone",
    "registrable_domain",
    "seniority_of",
    "suspect_reason",
]
