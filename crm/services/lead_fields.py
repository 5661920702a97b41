"""What sent values do to a lead: the columns they set and the facts derived from them. Touches no table."""

from collections.abc import Mapping

from crm.identity import department_of, read_phone, seniority_of, suspect_reason
from crm.ingestion.lead_values import CompanyValues, LeadValues
from crm.models import Company, Lead


def lead_apply(lead: Lead, values: LeadValues, *, takes_email: bool) -> None:
    """Set what was sent and derive the rest again.

    Seniority and department follow the title unless a sender said them: one that differs from what the old title gives
    was said by somebody and stays. `takes_email` is false where the address belongs to another lead.
    """
    told = lead.title
    for name, value in values.fields.items():
        setattr(lead, name, value)
    lead.qualification = merged(lead.qualification, values.qualification)
    lead.attributes = merged(lead.attributes, values.attributes)
    if not values.fields.get("seniority") and lead.seniority in {"", seniority_of(told)}:
        lead.seniority = seniority_of(lead.title)
    if not values.fields.get("department") and lead.department in {"", department_of(told)}:
        lead.department = department_of(lead.title)
    # Another spelling of the address that is known is no news.
    is_same = bool(values.email_key) and values.email_key == lead.email_key
    if values.email is not None and takes_email and not is_same:
        lead.email, lead.email_key = values.email.address, values.email.key
        lead.email_domain, lead.email_kind = values.email.domain, values.email.kind
    lead_derive(lead)


def lead_derive(lead: Lead) -> None:
    """Phone and name are judged anew: both rest on more than one column."""
    phone = read_phone(lead.phone, lead.country)
    lead.phone_key, lead.phone_kind = phone.key, phone.kind
    reason = suspect_reason(lead.first_name, lead.last_name)
    lead.is_suspect = None if reason is None else bool(reason)


def company_apply(company: Company, values: CompanyValues) -> None:
    """Set what was sent of a company. A blank domain never takes a known one away: leads are joined by it.

    One found by the address of a lead keeps the name it has: each lead spells it in its own way.
    """
    for name, value in values.fields.items():
        is_kept = (name == "domain" and not value) or (name == "name" and values.is_domain_guessed and company.name)
        if not is_kept:
            setattr(company, name, value)
    company.attributes = merged(company.attributes, values.attributes)


def merged(known: Mapping[str, object], sent: Mapping[str, object]) -> dict[str, object]:
    """Names sent replace those known one by one; null, blank text and an empty list take a name away."""
    together = {**known, **sent}
    return {name: value for name, value in together.items() if not is_blank(value)}


def is_blank(value: object) -> bool:
    """Unknown in the engine's sense."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
