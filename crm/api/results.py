"""What calls about leads and activities answer."""

from collections.abc import Sequence
from typing import Any

from rest_framework.response import Response

from accounts.api.parsing import TooLargeError
from crm.models import Lead
from crm.services.results import ItemResult
from kernel.errors import BadRequestError, LeadscoreError, Problem

TAKEN = frozenset({"accepted", "duplicate", "created", "updated", "unchanged"})
LEAD_FIELDS = (
    "email",
    "first_name",
    "last_name",
    "title",
    "department",
    "seniority",
    "phone",
    "country",
    "state",
    "city",
    "source",
    "consent",
    "email_kind",
    "phone_kind",
    "is_suspect",
    "qualification",
    "attributes",
)
COMPANY_FIELDS = ("id", "name", "domain", "industry", "country", "employees", "revenue", "technologies", "attributes")


class GoneError(LeadscoreError):
    """The person was erased; what was sent of them is not kept."""

    status = 410


def lead_json(lead: Lead) -> dict[str, Any]:
    """A lead as the API shows it; its external ids are those of the caller's feed (`ids_of_feed`, prefetched)."""
    company = lead.company
    return {
        "id": lead.pk,
        "external_ids": [known.external_id for known in getattr(lead, "ids_of_feed", ())],
        "owner": lead.owner.email if lead.owner else None,
        **{field: getattr(lead, field) for field in LEAD_FIELDS},
        "company": {field: getattr(company, field) for field in COMPANY_FIELDS} if company else None,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
        "revision": lead.revision,
    }


def result_json(result: ItemResult) -> dict[str, Any]:
    """One item of a batch answer; what does not apply is left out, what was sent is never echoed."""
    body = {
        "index": result.index,
        "message_id": result.message_id,
        "id": result.lead_id,
        "status": result.status,
        "possible_duplicate_of": result.possible_duplicate_of,
        "code": result.code,
        "detail": result.detail,
        "pointer": result.pointer,
        "errors": [{"pointer": p.pointer, "code": p.code, "detail": p.detail} for p in result.problems],
    }
    return {key: value for key, value in body.items() if key in {"index", "status"} or value}


def batch_response(results: Sequence[ItemResult]) -> Response:
    """200 where every item was taken, 207 where any was not."""
    status = 200 if all(result.status in TAKEN for result in results) else 207
    return Response({"results": [result_json(result) for result in results]}, status=status)


def raise_rejected(result: ItemResult) -> None:
    """A single call that was refused is a problem of its own: 410 erased, 413 too large, else 400."""
    if result.status != "rejected":
        return
    problems = result.problems or (Problem(pointer=result.pointer, code=result.code, detail=result.detail),)
    kind = {"erased": GoneError, "too_large": TooLargeError}.get(result.code, BadRequestError)
    raise kind(result.detail, code=result.code, problems=problems)
