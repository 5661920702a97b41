"""Leads by REST: upsert, batch, read, change, erase, merge. Doors to crm.services; they hold no rules."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_list, body_object
from accounts.api.paging import page_response
from accounts.api.schema import IF_MATCH, PAGING, call, paged
from accounts.api.view import ApiView
from accounts.models import ApiKey, Scope
from crm.api.filters import FILTERS, leads_filtered
from crm.api.results import batch_response, lead_json
from crm.api.schema import (
    EXAMPLE_LEAD,
    EXAMPLE_SHOWN,
    ErasureRequested,
    Items,
    LeadBatch,
    LeadFields,
    LeadShown,
    Merged,
    MergeFields,
    Upserted,
)
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
        .select_related("company", "owner")
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

    @call(
        "leads_list",
        gettext_lazy("List leads, newest first"),
        answers={200: paged("LeadPage", LeadShown)},
        answered={"next": None, "previous": None, "results": [EXAMPLE_SHOWN]},
        problems=(400,),
        parameters=(*FILTERS, *PAGING),
    )
    def get(self, request: Request) -> Response:
        found = leads_filtered(leads_of(self.key), request, feed=self.key.feed)
        return page_response(request, found, order=("-id",), show=lead_json)

    @call(
        "lead_upsert",
        gettext_lazy("Make or change a lead"),
        description=gettext_lazy("Found by `external_id` within the key's feed, else by email. 201 for a new one."),
        request=LeadFields,
        sent=EXAMPLE_LEAD,
        answers={200: Upserted, 201: Upserted},
        answered={"id": 4711, "outcome": "updated"},
        problems=(409, 410),
        is_write=True,
    )
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

    @call(
        "leads_upsert_batch",
        gettext_lazy("Make or change up to 1,000 leads"),
        description=gettext_lazy("200 where all were taken, 207 where any was not; a result for each, in order."),
        request=LeadBatch,
        sent={"leads": [EXAMPLE_LEAD]},
        answers={200: Items, 207: Items},
        answered={"results": [{"index": 0, "id": 4711, "status": "created"}]},
        is_write=True,
    )
    def post(self, request: Request) -> Response:
        items = body_list(request, "leads", most=LEADS_A_BATCH)
        return batch_response(leads_upsert_many(feed=self.key.feed, items=items, by=self.key))


class LeadView(ApiView):
    """`GET/PATCH/DELETE leads/{id}`. A change needs `If-Match`; an erasure by a key is a request to the administrators."""

    scopes: ClassVar = dict.fromkeys(("GET", "PATCH", "DELETE"), (Scope.CRM_SYNC,))

    @call(
        "lead_read",
        gettext_lazy("Read a lead"),
        answers={200: LeadShown},
        answered=EXAMPLE_SHOWN,
        problems=(404,),
    )
    def get(self, request: Request, pk: int) -> Response:
        return lead_response(lead_or_404(self.key, pk))

    @call(
        "lead_change",
        gettext_lazy("Change a lead"),
        request=LeadFields,
        sent={"title": "COO", "phone": None},
        answers={200: LeadShown},
        answered={**EXAMPLE_SHOWN, "title": "COO", "revision": 4},
        problems=(404, 409, 410, 412, 428),
        parameters=(IF_MATCH,),
        is_write=True,
    )
    def patch(self, request: Request, pk: int) -> Response:
        lead = lead_or_404(self.key, pk)
        self.require_match(lead.revision)
        lead_update(lead_id=lead.pk, values=body_object(request), by=self.key, expected_revision=lead.revision)
        return lead_response(lead_or_404(self.key, pk))

    @call(
        "lead_erasure_request",
        gettext_lazy("Ask for a person to be erased"),
        description=gettext_lazy("Every administrator is told; nothing is erased until one of them does it."),
        answers={202: ErasureRequested},
        answered={"id": 4711, "status": "erasure_requested"},
        problems=(404,),
        is_write=True,
    )
    def delete(self, request: Request, pk: int) -> Response:
        lead = lead_or_404(self.key, pk)
        lead_erasure_request(lead_id=lead.pk, by=self.key)
        return Response({"id": lead.pk, "status": "erasure_requested"}, status=202)


class LeadMergeView(ApiView):
    """`POST leads/{id}/merge` with `{"merged": id}`: that lead's facts move to this one; scores follow by evaluation."""

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC,)}

    @call(
        "lead_merge",
        gettext_lazy("Merge another lead into this one"),
        request=MergeFields,
        sent={"merged": 4712},
        answers={200: Merged},
        answered={"id": 12, "survivor": 4711, "merged": 4712},
        problems=(404, 409),
        is_write=True,
    )
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

    @call(
        "lead_merge_undo",
        gettext_lazy("Undo the latest merge into this lead"),
        answers={200: Merged},
        answered={"id": 12, "survivor": 4711, "merged": 4712, "status": "undone"},
        problems=(404, 409),
        is_write=True,
    )
    def post(self, request: Request, pk: int) -> Response:
        lead = lead_or_404(self.key, pk)
        merge = LeadMerge.objects.filter(survivor=lead, undone_at=None).order_by("-pk").first()
        if merge is None:
            raise Http404
        merge_undo(merge_id=merge.pk, by=self.key)
        return Response({"id": merge.pk, "survivor": merge.survivor_id, "merged": merge.merged_id, "status": "undone"})
