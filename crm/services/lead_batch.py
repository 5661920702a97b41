"""Many leads upserted at once: find, apply, join companies, insert, update; a constant number of queries but for changed rows.

Locks are taken in one order everywhere: leads by id, companies by id, then new rows by their unique keys. Two connections
that make the same person at once meet at the unique index; the later rolls back to its savepoint and tries again, now
finding the earlier one's lead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crm.ingestion.insert import companies_pin
from crm.ingestion.lead_values import CompanyValues, LeadValues
from crm.models import Cause, Company, ExternalId, FactChange, Lead, PossibleDuplicate
from crm.services.companies import companies_find, companies_save, company_key, company_wanted
from crm.services.history import changes_between, fact_set, history_rows, lead_facts
from crm.services.lead_fields import lead_apply
from crm.services.lookup import (
    erased_among,
    identity_tombstones,
    lead_ids_by_email,
    lead_ids_by_external_id,
    leads_lock,
)
from crm.services.retrying import MovedError, retried
from crm.services.work import work_add
from kernel.errors import ConflictError


@dataclass(kw_only=True)
class Draft:
    """One item on its way: what was sent, the lead it means (by `lead_id` where that is known), what became of it."""

    values: LeadValues
    lead_id: int | None = None
    expected_revision: int | None = None
    lead: Lead | None = None
    outcome: str = ""
    possible_duplicate: Lead | None = None

    @property
    def takes_email(self) -> bool:
        return self.possible_duplicate is None


class LeadBatch:
    """`save()` stores the drafts of one feed; then each has its outcome (created, updated, unchanged, erased) and lead."""

    def __init__(
        self,
        *,
        feed: str,
        drafts: Sequence[Draft],
        changed_by: str,
        at: datetime | None = None,
        import_id: int | None = None,
    ) -> None:
        self.feed = feed
        self.drafts = drafts
        self.changed_by = changed_by
        self.import_id = import_id
        self.now = timezone.now()
        self.at = at or self.now

    def save(self) -> None:
        """In one transaction, or a savepoint of the caller's; every retry starts from what is stored by then."""
        retried(self._attempt)

    def _attempt(self) -> None:
        self.created: list[Lead] = []
        self.new_ids: list[tuple[str, Lead]] = []
        self.companies: list[tuple[Draft, CompanyValues]] = []
        for draft in self.drafts:
            draft.lead, draft.possible_duplicate, draft.outcome = None, None, ""
        self._find()
        self._refuse_erased()
        self._apply()
        self._join_companies()
        self._insert()
        self._update()

    def _find(self) -> None:
        values = [draft.values for draft in self.drafts]
        by_id = lead_ids_by_external_id(feed=self.feed, external_ids=(v.external_id for v in values if v.external_id))
        by_email = lead_ids_by_email(v.email_key for v in values if v.email_key)
        given = {draft.lead_id for draft in self.drafts if draft.lead_id is not None}
        self.known = leads_lock({*by_id.values(), *by_email.values(), *given})
        self.before = {lead_id: lead_facts(lead) for lead_id, lead in self.known.items()}
        self.by_id = {external_id: self.known[lead_id] for external_id, lead_id in by_id.items()}
        self.by_email = {key: self.known[lead_id] for key, lead_id in by_email.items()}

    def _refuse_erased(self) -> None:
        for index in erased_among({index: self._tombstones(draft) for index, draft in enumerate(self.drafts)}):
            self.drafts[index].outcome = "erased"

    def _tombstones(self, draft: Draft) -> set[str]:
        values = draft.values
        return identity_tombstones(feed=self.feed, external_id=values.external_id, email_key=values.email_key)

    def _apply(self) -> None:
        """In the order sent, so that a later item of the batch sees what an earlier one made."""
        owners = users_by_email(draft.values.owner_email for draft in self.drafts)
        for draft in self.drafts:
            if draft.outcome == "erased":
                continue
            values = draft.values
            draft.lead = lead = self._lead_meant(draft)
            before = lead_facts(lead)
            if company := company_wanted(lead, values, takes_email=draft.takes_email):
                self.companies.append((draft, company))
            self.by_email.pop(lead.email_key, None)
            lead_apply(lead, values, takes_email=draft.takes_email)
            if lead.email_key:
                self.by_email[lead.email_key] = lead
            if values.owner_email is not None:
                lead.owner = owners.get(values.owner_email.casefold())
            if values.is_company_cleared:
                lead.company = None
            if not draft.outcome:
                draft.outcome = "updated" if changes_between(before, lead_facts(lead)) else "unchanged"

    def _lead_meant(self, draft: Draft) -> Lead:
        """By external id, else by email, else a new one. Where the two find different leads the external id wins."""
        values = draft.values
        by_email = self.by_email.get(values.email_key)
        if draft.lead_id is not None:
            return self._lead_given(draft, by_email)
        by_id = self.by_id.get(values.external_id)
        lead = by_id or by_email
        if by_id is not None and by_email is not None and by_id is not by_email:
            draft.possible_duplicate = by_email
        if lead is None:
            lead = Lead(created_at=self.at, imported_by_id=self.import_id)
            self.created.append(lead)
            draft.outcome = "created"
        if values.external_id and by_id is None:
            self.by_id[values.external_id] = lead
            self.new_ids.append((values.external_id, lead))
            draft.outcome = draft.outcome or "updated"
        return lead

    def _lead_given(self, draft: Draft, by_email: Lead | None) -> Lead:
        lead = self.known[draft.lead_id or 0]
        if draft.expected_revision not in {None, lead.revision}:
            raise ConflictError(
                _("Somebody changed this lead meanwhile. Read it again and repeat your change."),
                code="stale_revision",
                extra={"revision": lead.revision},
            )
        if by_email is not None and by_email is not lead:
            raise ConflictError(
                _("This address belongs to another lead. Merge the two, or correct the address."), code="email_taken"
            )
        return lead

    def _join_companies(self) -> None:
        found = companies_find((values for _draft, values in self.companies), import_id=self.import_id)
        said: list[tuple[Company, CompanyValues]] = []
        joined: set[int] = set()
        for draft, values in self.companies:
            lead = draft.lead
            if lead is None:
                continue
            key = company_key(values)
            company = found[key] if key else lead.company or Company.objects.create(imported_by_id=self.import_id)
            if lead.company_id != company.pk:
                joined.add(company.pk)
                draft.outcome = "updated" if draft.outcome == "unchanged" else draft.outcome
            lead.company = company
            said.append((company, values))
        changed = companies_save(said, changed_by=self.changed_by, at=self.at, import_id=self.import_id)
        # After those we change, or two who join and change the same company would each wait for the other.
        if companies_pin(joined) != joined:
            raise MovedError
        for draft, _values in self.companies:
            if draft.outcome == "unchanged" and draft.lead and draft.lead.company_id in changed:
                draft.outcome = "updated"

    def _insert(self) -> None:
        self.created.sort(key=lambda lead: lead.email_key)
        Lead.objects.bulk_create(self.created, batch_size=500)
        self.new_ids.sort(key=lambda pair: pair[0])
        ExternalId.objects.bulk_create(
            [
                ExternalId(feed=self.feed, external_id=text, lead=lead, imported_by_id=self.import_id)
                for text, lead in self.new_ids
            ],
            batch_size=1_000,
        )
        # A person made and erased by others between our look and our insert: only a look after it sees the tombstone.
        if self.created and erased_among({0: set().union(*(self._tombstones(d) for d in self.drafts if d.lead))}):
            raise MovedError
        pairs = [(draft.lead, draft.possible_duplicate) for draft in self.drafts]
        ids = {tuple(sorted((one.pk, other.pk))) for one, other in pairs if one and other}
        PossibleDuplicate.objects.bulk_create(
            [
                PossibleDuplicate(first_id=low, second_id=high, reason="external_id_and_email")
                for low, high in sorted(ids)
            ],
            ignore_conflicts=True,
        )
        work_add(lead_ids=[lead.pk for lead in self.created], cause=Cause.LEAD_CREATED, import_id=self.import_id)

    def _update(self) -> None:
        history: list[FactChange] = []
        changed: list[int] = []
        later = self._known_later()
        with_new_id = {lead.pk for _text, lead in self.new_ids}
        for lead_id, lead in sorted(self.known.items()):
            changes = changes_between(self.before[lead_id], lead_facts(lead))
            if not changes and lead_id not in with_new_id:
                continue
            for change in changes:
                if (lead_id, change.field) in later:
                    fact_set(lead, change.field, change.before)
            lead.revision += 1
            lead.save()
            changed += [lead_id] if changes else []
            history += history_rows(
                subject=FactChange.Subject.LEAD,
                subject_id=lead_id,
                changes=changes,
                valid_at=self.at,
                recorded_at=self.now,
                changed_by=self.changed_by,
                import_id=self.import_id,
            )
        FactChange.objects.bulk_create(history, batch_size=1_000)
        work_add(lead_ids=changed, cause=Cause.LEAD_CHANGED, import_id=self.import_id)

    def _known_later(self) -> set[tuple[int, str]]:
        """News of the past: what is already known to have been so after it stands; the news goes to the history only."""
        if self.at >= self.now or not self.known:
            return set()
        rows = FactChange.objects.filter(
            subject_type=FactChange.Subject.LEAD, subject_id__in=self.known, valid_at__gt=self.at
        )
        return set(rows.values_list("subject_id", "field"))


def users_by_email(emails: Iterable[str | None]) -> dict[str, User]:
    """Active people by their sign-in address, case-folded; blank ones are passed over."""
    wanted = {email.casefold() for email in emails if email}
    return {user.email: user for user in User.objects.filter(email__in=wanted, is_active=True)} if wanted else {}
