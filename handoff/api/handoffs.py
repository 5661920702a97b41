"""The queue by REST, for a CRM in which reps work: read what waits, and say what was decided."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_object, has_body
from accounts.api.paging import KeysetPagination
from accounts.api.view import ApiView
from accounts.models import Scope, User
from crm.api.leads import leads_of
from handoff.models import Handoff, RejectReason
from handoff.services.deciding import handoff_accept, handoff_claim, handoff_reject, handoff_release
from kernel.errors import BadRequestError, Problem

TEXT_KEYS: dict[str, set[str]] = {
    "claim": {"by"},
    "release": {"by"},
    "accept": {"by"},
    "reject": {"by", "reason", "note"},
}


def handoff_json(handoff: Handoff) -> dict[str, Any]:
    """A hand-off as the API shows it: ids, states and times, the score as it was said when it opened."""
    return {
        "id": handoff.pk,
        "lead": handoff.lead_id,
        "model": handoff.model.slug,
        "version": handoff.version.number,
        "state": handoff.state,
        "owner": handoff.owner.email if handoff.owner else None,
        "is_fast_tracked": handoff.is_fast_tracked,
        "opened_at": handoff.opened_at,
        "sla_due_at": handoff.sla_due_at,
        "cooled_at": handoff.cooled_at,
        "decided_at": handoff.decided_at,
        "closed_at": handoff.closed_at,
        "reason": handoff.reason.slug if handoff.reason else None,
        "opened": {"total": handoff.opened_total, "rating": handoff.opened_rating, "stage": handoff.opened_stage},
    }


class ByPriority(KeysetPagination):
    ordering = ("-priority", "-pk")


class QueueView(ApiView):
    """`GET queue?state=&owner=`: the open hand-offs of the key's own leads, best first."""

    scopes: ClassVar = {"GET": (Scope.CRM_SYNC,)}

    def get(self, request: Request) -> Response:
        query = request.query_params
        unknown = set(query) - {"state", "owner", "cursor", "page_size"}
        if unknown:
            raise BadRequestError(_("There is no such filter. There are: owner, state."), code="unknown_filter")
        found = Handoff.objects.filter(closed_at=None, lead__in=leads_of(self.key).values("pk"))
        if "state" in query:
            found = found.filter(state=query["state"])
        if "owner" in query:
            found = found.filter(owner__email=query["owner"].strip().lower())
        paginator = ByPriority()
        rows: Any = found.select_related("model", "version", "owner", "reason")
        page: Any = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([handoff_json(handoff) for handoff in page])


class ReasonsView(ApiView):
    """`GET reasons`: why a rep may say no, as the team wrote it."""

    scopes: ClassVar = {"GET": (Scope.CRM_SYNC,)}

    def get(self, request: Request) -> Response:
        reasons = RejectReason.objects.filter(is_active=True)
        return Response(
            {
                "results": [
                    {"key": r.slug, "label": r.label, "meaning": r.meaning, "may_return": r.may_return} for r in reasons
                ]
            }
        )


class HandoffMoveView(ApiView):
    """`POST handoffs/{id}/{claim,release,accept,reject}` with `by`, the email of the rep who decides; 409 once decided."""

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC,)}
    move = ""

    def post(self, request: Request, pk: int) -> Response:
        handoff = Handoff.objects.filter(pk=pk, lead__in=leads_of(self.key).values("pk")).first()
        if handoff is None:
            raise Http404
        body = body_object(request) if has_body(request) else {}
        self._check(body)
        by = self._rep(body.get("by"))
        match self.move:
            case "claim":
                handoff_claim(handoff_id=pk, by=by)
            case "release":
                handoff_release(handoff_id=pk, by=by)
            case "accept":
                handoff_accept(handoff_id=pk, by=by)
            case "reject":
                handoff_reject(handoff_id=pk, by=by, reason=body["reason"], note=body.get("note", ""))
        changed = Handoff.objects.select_related("model", "version", "owner", "reason").get(pk=pk)
        return Response(handoff_json(changed))

    def _check(self, body: dict[str, Any]) -> None:
        problems = [
            Problem(pointer="", code="unknown_field", detail=_("There is a key here that this move does not know."))
            for key in body
            if key not in TEXT_KEYS[self.move]
        ]
        needed = {"by", "reason"} & TEXT_KEYS[self.move]
        problems += [
            Problem(pointer=f"/{key}", code="required", detail=_("Send “%(key)s” as text.") % {"key": key})
            for key in sorted(TEXT_KEYS[self.move])
            if not isinstance(body.get(key), str) and (key in needed or key in body)
        ]
        if problems:
            raise BadRequestError(problems[0].detail, code=problems[0].code, problems=problems)

    @staticmethod
    def _rep(email: Any) -> User:
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            detail = _("Nobody who works here signs in with this address.")
            raise BadRequestError(
                detail, code="unknown_user", problems=[Problem(pointer="/by", code="unknown_user", detail=detail)]
            )
        return user
