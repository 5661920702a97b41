"""Companies: found or made for leads, and changed with their history."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

from django.db import connection
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from crm.identity import company_domain, read_email
from crm.ingestion.insert import companies_write
from crm.ingestion.lead_values import CompanyValues, LeadValues, read_company
from crm.models import Cause, Company, FactChange, Lead
from crm.services.attributes import attribute_types_for
from crm.services.history import actor_name, changes_between, company_facts, history_rows
from crm.services.lead_fields import company_apply
from crm.services.retrying import retried
from crm.services.work import work_add
from kernel.errors import BadRequestError, ConflictError

CompanyKey: TypeAlias = tuple[str, str]
# Names carry no unique index (two firms may share one); who makes companies by name alone does so one at a time.
_NAME_LOCK: Final = (7_002, 1)


def company_update(
    *,
    company_id: int,
    values: Mapping[str, object],
    by: User | ApiKey | None = None,
    at: datetime | None = None,
    refuses_taken_domain: bool = False,
) -> Company:
    """Change a company as sent, write its history, and look again at every lead who works there.

    A domain that is another's stays there; where it is refused, ConflictError with code `domain_taken` names the `company`.
    Parent and owner have verbs of their own in crm.services.company_edits.
    """
    read, problems = read_company(values, types=attribute_types_for([{"company": values}]))
    if read is None:
        raise BadRequestError(problems[0].detail, code=problems[0].code, problems=problems)

    def attempt() -> Company:
        company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
        if refuses_taken_domain:
            _refuse_taken_domain(company, read)
        companies_save([(company, read)], changed_by=actor_name(by), at=at or timezone.now())
        return company

    # Our Work waits for a merge of one of the leads, which may wait for the company.
    return retried(attempt)


def companies_find(wanted: Iterable[CompanyValues], *, import_id: int | None = None) -> dict[CompanyKey, Company]:
    """The company of each value by domain, else by name; those not there are made. Two queries, four where some are made."""
    keys = {key for values in wanted if (key := company_key(values))}
    found = _companies_by_key(keys)
    if missing := keys - set(found):
        _companies_make(missing, import_id)
        found |= _companies_by_key(missing)
    return found


def company_wanted(lead: Lead, values: LeadValues, *, takes_email: bool) -> CompanyValues | None:
    """The company the sent values put a lead with, to be read before they are applied; None where it stays where it is.

    A company that is told wins; without a domain it is looked for by the lead's address, then by name. A lead joined by
    its old address follows the new one.
    """
    said = values.company
    email = values.email if values.email is not None and takes_email else read_email(lead.email)
    by_email = company_domain(email)
    current = lead.company
    if said is not None:
        is_current = current is not None and (not said.name or current.name.lower() == said.name.lower())
        if said.domain:
            return said
        if is_current and current is not None:
            return replace(said, domain=current.domain, name=current.name, is_domain_guessed=True)
        return replace(said, domain=by_email, is_domain_guessed=True) if by_email else said
    if not by_email or values.is_company_cleared:
        return None
    if current is None:
        return CompanyValues(domain=by_email) if values.email is not None else None
    is_joined_by_email = current.domain == company_domain(read_email(lead.email)) != by_email
    return CompanyValues(domain=by_email) if is_joined_by_email else None


def companies_save(
    said: Iterable[tuple[Company, CompanyValues]],
    *,
    changed_by: str,
    at: datetime,
    import_id: int | None = None,
) -> set[int]:
    """Write what was said of each company where it differs, with history and Work for all its leads: the ids that changed.

    The companies are locked in id order, after the leads; nobody locks a lead while holding a company.
    """
    values_of: dict[int, list[CompanyValues]] = {}
    for company, values in said:
        if _differs(company, values):
            values_of.setdefault(company.pk, []).append(values)
    if not values_of:
        return set()
    now = timezone.now()
    history: list[FactChange] = []
    changed: list[int] = []
    alike: list[Company] = []
    fields = {"updated_at"}
    for company in Company.objects.select_for_update(no_key=True).filter(pk__in=values_of).order_by("pk"):
        before = company_facts(company)
        for values in values_of[company.pk]:
            company_apply(company, _without_taken_domain(company, values))
        if changes := changes_between(before, company_facts(company)):
            named = {change.field.partition(".")[0] for change in changes}
            if "domain" in named:
                # At once: the next of this batch may ask whose the domain is.
                company.save()
            else:
                company.updated_at = now
                alike.append(company)
                fields |= named
            changed.append(company.pk)
            history += history_rows(
                subject=FactChange.Subject.COMPANY,
                subject_id=company.pk,
                changes=changes,
                valid_at=at,
                recorded_at=now,
                changed_by=changed_by,
                import_id=import_id,
            )
    companies_write(alike, fields=fields)
    FactChange.objects.bulk_create(history)
    leads = Lead.objects.filter(company__in=changed, merged_into=None).values_list("pk", flat=True)
    work_add(lead_ids=leads, cause=Cause.COMPANY_CHANGED, import_id=import_id)
    return set(changed)


def company_key(values: CompanyValues) -> CompanyKey | None:
    """By what a company is found: its domain, else its name, else not at all."""
    if values.domain:
        return ("domain", values.domain)
    return ("name", values.name.lower()) if values.name else None


def _companies_by_key(keys: Iterable[CompanyKey]) -> dict[CompanyKey, Company]:
    by: dict[str, list[str]] = {"domain": [], "name": []}
    for kind, text in keys:
        by[kind].append(text)
    found: dict[CompanyKey, Company] = {}
    if by["domain"]:
        found |= {("domain", company.domain): company for company in Company.objects.filter(domain__in=by["domain"])}
    if by["name"]:
        named = Company.objects.annotate(lower_name=Lower("name")).filter(lower_name__in=by["name"]).order_by("-pk")
        # The oldest of a name is taken: it comes last and so stays.
        found |= {("name", company.name.lower()): company for company in named}
    return found


def _companies_make(missing: set[CompanyKey], import_id: int | None) -> None:
    domains = sorted(text for kind, text in missing if kind == "domain")
    Company.objects.bulk_create(
        [Company(domain=domain, imported_by_id=import_id) for domain in domains], ignore_conflicts=True
    )
    names = {key for key in missing if key[0] == "name"}
    if not names:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _NAME_LOCK)
    names -= set(_companies_by_key(names))
    Company.objects.bulk_create([Company(name=text, imported_by_id=import_id) for _kind, text in sorted(names)])


def _differs(company: Company, values: CompanyValues) -> bool:
    if not values.fields and not values.attributes:
        return False
    before = company_facts(company)
    trial = Company(**{field.attname: getattr(company, field.attname) for field in Company._meta.concrete_fields})
    company_apply(trial, values)
    return bool(changes_between(before, company_facts(trial)))


def _refuse_taken_domain(company: Company, values: CompanyValues) -> None:
    """A sender's word on a domain that is another's is passed over; a person is told."""
    wanted = values.fields.get("domain")
    other = Company.objects.filter(domain=wanted).exclude(pk=company.pk).first() if wanted else None
    if other is not None:
        detail = _("%(company)s has this domain already. Make the two one, or correct the domain.") % {"company": other}
        raise ConflictError(detail, code="domain_taken", extra={"company": other.pk})


def _without_taken_domain(company: Company, values: CompanyValues) -> CompanyValues:
    """A domain that is already another company's stays there."""
    wanted = values.fields.get("domain")
    if not wanted or wanted == company.domain or not Company.objects.filter(domain=wanted).exists():
        return values
    return replace(values, fields={name: value for name, value in values.fields.items() if name != "domain"})
