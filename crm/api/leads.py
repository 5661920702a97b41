"""Leads by REST: upsert, batch, read, change, erase, merge. Doors to crm.services; they hold no rules."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_list, body_object
from accounts.api.paging import KeysetPagination
from accounts.api.view import ApiView
from accounts.models import ApiKey, Scope
from crm.api.filters import LeadFilter
from crm.api.results import batch_response, lead_json
from crm.models import ExternalId, Lead, LeadMerge
from crm.services.erasure import lead_erasure_request
from crm.services.leads import lead_update, lead_upsert, leads_upsert_many
from crm.services.merging import leads_merge, merge_undo
from kernel.errors import BadRequestError

LEADS_A_BATCH = 1_000
LEADS_BODY_BYTES = 4 * 1024 * 1024


def leads_of(key: ApiKey) -> QuerySet[Lead]:
    """The leads a key sees: those its feed knows by an external id, without what was merged away."""
    known = ExternalId.objects.filter(feed=key.feed).order_by("id")
    return (
        Lead.objects.filter(merged_into=None, pk__in=known.values("lead_id"))
        .select_related("company")
        .prefetch_related(Prefetch("external_ids", queryset=known, to_attr="ids_of_feed"))
    )


def lead_or_404(key: ApiKey, pk: int) -> Lead:
    lead = leads_of(key).filter(pk=pk).first()
    if lead is None:
        raise Http404
    return lead


def lead_response(lead: Lead, status: int = 200) -> Response:
    return Response(lead_json(lead), status=status, headers={"ETag": f'"{lead.revision}"'})


class LeadsView(ApiView):
    """`GET leads` lists, `POST leads` upserts by `external_id` within the key's feed, else by email."""

    scopes: ClassVar = {"GET": (Scope.CRM_SYNC,), "POST": (Scope.CRM_SYNC,)}

    def get(self, request: Request) -> Response:
        paginator = KeysetPagination()
        found = LeadFilter(request.query_params).apply(leads_of(self.key))
        page = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response([lead_json(lead) for lead in page])

    def post(self, request: Request) -> Response:
        result = lead_upsert(feed=self.key.feed, values=body_object(request), by=self.key)
        body: dict[str, Any] = {"id": result.lead.pk, "outcome": result.outcome}
        if result.possible_duplicate_of:
            body["possible_duplicate_of"] = result.possible_duplicate_of
        return Response(
            body, status=201 if result.outcome == "created" else 200, headers={"ETag": f'"{result.lead.revision}"'}
        )


class LeadsBatchView(ApiView):
    """`POST leads/batch`: up to 1,000 leads, a result for each in order; one that is refused stops no other."""

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC,)}
    max_body_bytes = LEADS_BODY_BYTES

    def post(self, request: Request) -> Response:
        items = body_list(request, "leads", most=LEADS_A_BATCH)
        return batch_response(leads_upsert_many(feed=self.key.feed, items=items, by=self.key))


class LeadView(ApiView):
    """`GET/PATCH/DELETE leads/{id}`. A change needs `If-Match`; an erasure by a key is a request to the administrators."""

    scopes: ClassVar = dict.fromkeys(("GET", "PATCH", "DELETE"), (Scope.CRM_SYNC,))

    def get(self, request: Request, pk: int) -> Response:
        return lead_response(lead_or_404(self.key, pk))

    def patch(self, request: Request, pk: int) -> Response:
        lead = lead_or_404(self.key, pk)
        self.require_match(lead.revision)
        lead_update(lead_id=lead.pk, values=body_object(request), by=self.key, expected_revision=lead.revision)
        return lead_response(lead_or_404(self.key, pk))

    def delete(self, request: Request, pk: int) -> Response:
        lead = lead_or_404(self.key, pk)
        lead_erasure_request(lead_id=lead.pk, by=self.key)
        return Response({"id": lead.pk, "status": "erasure_requested"}, status=202)


class LeadMergeView(ApiView):
    """`POST leads/{id}/merge` with `{"merged": id}`: that lead's facts move to this one; scores follow by evaluation."""

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC,)}

    def post(self, request: Request, pk: int) -> Response:
        survivor = lead_or_404(self.key, pk)
        body = body_object(request)
        other = body.get("merged")
        if set(body) != {"merged"} or not isinstance(other, int) or isinstance(other, bool):
            raise BadRequestError(
                _("Send {“merged”: id}, the id of the lead whose facts move here."), code="wrong_type"
            )
        merge = leads_merge(survivor_id=survivor.pk, merged_id=lead_or_404(self.key, other).pk, by=self.key)
        return Response({"id": merge.pk, "survivor": merge.survivor_id, "merged": merge.merged_id})


class LeadMergeUndoView(ApiView):
    """`POST leads/{id}/merge/undo`: the latest merge into this lead is undone."""

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC,)}

    def post(self, request: Request, pk: int) -> Response:
        lead = lead_or_404(self.key, pk)
        merge = LeadMerge.objects.filter(survivor=lead, undone_at=None).order_by("-pk").first()
        if merge is None:
            raise Http404
        merge_undo(merge_id=merge.pk, by=self.key)
        return Response({"id": merge.pk, "survivor": merge.survivor_id, "merged": merge.merged_id, "status": "undone"})
