"""Leads: upserted one by one or in batches, changed by id. Every change leaves its history and Work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from crm.errors import ErasedError, UnknownLeadError
from crm.ingestion.lead_values import LeadValues, read_lead
from crm.models import Lead
from crm.services.attributes import attribute_types_for
from crm.services.feeds import feed_ensure
from crm.services.history import actor_name
from crm.services.lead_batch import Draft, LeadBatch, users_by_email
from crm.services.lookup import lead_survivors
from crm.services.results import ItemResult, rejected
from crm.services.retrying import MovedError
from kernel.errors import BadRequestError, Problem


@dataclass(frozen=True, kw_only=True)
class UpsertResult:
    """`outcome` is created, updated or unchanged; `possible_duplicate_of` the lead to whom the sent address belongs."""

    lead: Lead
    outcome: str
    possible_duplicate_of: int | None = None


def lead_upsert(
    *, feed: str, values: Mapping[str, object], by: User | ApiKey | None = None, at: datetime | None = None
) -> UpsertResult:
    """Make or change one lead as sent, found by external id within the feed, else by email.

    `at` is when it became true (and when a new lead became one), now by default. Raises BadRequestError with every
    problem, ErasedError for a person who was erased.
    """
    read, problems = _read_all([values])
    if problems[0]:
        first = problems[0][0]
        raise BadRequestError(first.detail, code=first.code, problems=problems[0])
    draft = Draft(values=read[0])
    LeadBatch(feed=feed, drafts=[draft], changed_by=actor_name(by, feed), at=at).save()
    feed_ensure(slug=feed)
    if draft.lead is None:
        raise ErasedError
    other = draft.possible_duplicate
    return UpsertResult(
        lead=draft.lead, outcome=draft.outcome, possible_duplicate_of=other.pk if other is not None else None
    )


@transaction.atomic
def leads_upsert_many(
    *,
    feed: str,
    items: Sequence[object],
    by: User | ApiKey | None = None,
    at: datetime | None = None,
    import_id: int | None = None,
) -> list[ItemResult]:
    """The same for a batch: a result for each in order, one that is refused stops no other. Committed as a whole.

    What an import brings carries its id, so that it can be undone.
    """
    read, problems = _read_all(items)
    results = [rejected(index, found) if found else None for index, found in enumerate(problems)]
    drafts = {index: Draft(values=values) for index, values in read.items()}
    batch = partial(LeadBatch, feed=feed, changed_by=actor_name(by, feed), at=at, import_id=import_id)
    _save_or_singly(batch, list(drafts.values()))
    feed_ensure(slug=feed)
    for index, draft in drafts.items():
        results[index] = _result(index, draft)
    return [result for result in results if result is not None]


def lead_update(
    *,
    lead_id: int,
    values: Mapping[str, object],
    by: User | ApiKey | None = None,
    expected_revision: int | None = None,
    at: datetime | None = None,
) -> Lead:
    """Change a lead by our id. Raises ConflictError with code `stale_revision` where it changed meanwhile, or `email_taken`."""
    if "external_id" in values:
        detail = _("An external_id belongs to a feed: upsert the lead to add one.")
        raise BadRequestError(
            detail, code="read_only", problems=[Problem(pointer="/external_id", code="read_only", detail=detail)]
        )
    read, problems = _read_all([values], needs_identity=False)
    if problems[0]:
        raise BadRequestError(problems[0][0].detail, code=problems[0][0].code, problems=problems[0])
    if lead_survivors([lead_id]).get(lead_id) != lead_id:
        raise UnknownLeadError
    draft = Draft(values=read[0], lead_id=lead_id, expected_revision=expected_revision)
    try:
        LeadBatch(feed="", drafts=[draft], changed_by=actor_name(by), at=at).save()
    except MovedError:
        raise UnknownLeadError from None
    if draft.lead is None:
        raise ErasedError
    return draft.lead


def lead_owner_set(*, lead_id: int, owner: User | None, by: User | ApiKey | None = None) -> Lead:
    """Give a lead to somebody, or to nobody."""
    return lead_update(lead_id=lead_id, values={"owner": owner.email if owner else None}, by=by)


def _save_or_singly(batch: Callable[..., LeadBatch], drafts: list[Draft]) -> None:
    """Together; where rows of the batch stand in each other's way (two addresses that swap), one after the other."""
    try:
        batch(drafts=drafts).save()
    except IntegrityError:
        if len(drafts) == 1:
            raise
        for draft in drafts:
            batch(drafts=[draft]).save()


def _read_all(
    items: Sequence[object], *, needs_identity: bool = True
) -> tuple[dict[int, LeadValues], list[list[Problem]]]:
    """What could be read, by index, and the problems of each item. One query for the owners named, one for attributes."""
    types = attribute_types_for(items)
    read: dict[int, LeadValues] = {}
    problems: list[list[Problem]] = []
    for index, item in enumerate(items):
        values, found = read_lead(item, needs_identity=needs_identity, types=types)
        problems.append(found)
        if values is not None:
            read[index] = values
    owners = users_by_email(values.owner_email for values in read.values())
    for index, values in list(read.items()):
        if values.owner_email and values.owner_email.casefold() not in owners:
            detail = _("Nobody who works here signs in with this address.")
            problems[index].append(Problem(pointer="/owner", code="unknown_user", detail=detail))
            del read[index]
    return read, problems


def _result(index: int, draft: Draft) -> ItemResult:
    if draft.lead is None:
        error = ErasedError()
        return rejected(index, [Problem(pointer="", code=error.code, detail=error.detail)])
    other = draft.possible_duplicate
    return ItemResult(
        index=index,
        status=draft.outcome,
        lead_id=draft.lead.pk,
        possible_duplicate_of=other.pk if other is not None else None,
    )
