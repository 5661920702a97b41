"""Where a lead works, said by a person: a company that is known, a new one, or none."""

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from crm.errors import UnknownLeadError
from crm.identity import registrable_domain
from crm.identity.emails import is_free_domain
from crm.ingestion.insert import companies_pin
from crm.ingestion.lead_values import CompanyValues
from crm.models import Cause, Company, FactChange, Lead
from crm.services.companies import companies_find, companies_save, company_key
from crm.services.history import Change, actor_name, history_rows
from crm.services.lookup import leads_lock
from crm.services.retrying import MovedError, retried
from crm.services.work import work_add
from kernel.errors import BadRequestError, ConflictError, Problem


def lead_company_set(
    *,
    lead_id: int,
    company_id: int | None,
    by: User | ApiKey | None = None,
    expected_revision: int | None = None,
) -> Lead:
    """Put a lead with a company, whatever its address says, or with none.

    Raises UnknownLeadError, and ConflictError for a company that is gone or, with code `stale_revision`, where the lead
    changed meanwhile.
    """

    def attempt() -> Lead:
        lead = leads_lock([lead_id])[lead_id]
        if expected_revision not in {None, lead.revision}:
            raise ConflictError(
                _("Somebody changed this lead meanwhile. Look at it again and repeat your change."),
                code="stale_revision",
                extra={"revision": lead.revision},
            )
        if lead.company_id == company_id:
            return lead
        if company_id is not None and not companies_pin([company_id]):
            raise ConflictError(_("This company is gone. Choose another."), code="unknown_company")
        now = timezone.now()
        change = Change(field="company", before=lead.company_id, after=company_id)
        lead.company_id = company_id
        lead.revision += 1
        lead.save()
        FactChange.objects.bulk_create(
            history_rows(
                subject=FactChange.Subject.LEAD,
                subject_id=lead.pk,
                changes=[change],
                valid_at=now,
                recorded_at=now,
                changed_by=actor_name(by),
            )
        )
        work_add(lead_ids=[lead.pk], cause=Cause.LEAD_CHANGED)
        return lead

    try:
        return retried(attempt)
    except (MovedError, IntegrityError):
        raise UnknownLeadError from None


def company_named(text: str, *, by: User | ApiKey | None = None) -> Company:
    """The company somebody means by its domain, or by its name; a new one where there is none. Raises BadRequestError."""
    said = text.strip()
    # A name with a dot and no space that the public suffix list knows is a domain.
    domain = registrable_domain(said) if "." in said and " " not in said else ""
    if domain and is_free_domain(domain):
        raise _refusal(
            "free_mail_domain", _("This domain belongs to a mail provider, not to a company. Write the company's name.")
        )
    if len(said) > 300:
        raise _refusal("too_long", _("A company's name has at most 300 characters."))
    values = CompanyValues(domain=domain) if domain else CompanyValues(name=said)
    key = company_key(values)
    if key is None:
        raise _refusal("required", _("Write the company's name or domain."))

    def attempt() -> Company:
        company = companies_find([values])[key]
        if not domain and company.name == said.lower() != said:
            # Made, or known, by its key alone: now it is known how it is written.
            named = CompanyValues(name=said, fields={"name": said})
            companies_save([(company, named)], changed_by=actor_name(by), at=timezone.now())
            company.name = said
        return company

    return retried(attempt)


def _refusal(code: str, detail: str) -> BadRequestError:
    return BadRequestError(detail, code=code, problems=[Problem(pointer="/company", code=code, detail=detail)])
