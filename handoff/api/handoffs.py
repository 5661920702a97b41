"""The queue by REST, for a CRM in which reps work: read what waits, and say what was decided."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_object, has_body
from accounts.api.paging import page_response
from accounts.api.query import Query
from accounts.api.schema import PAGING, call, paged, results
from accounts.api.view import ApiView
from accounts.models import Scope, User
from crm.api.leads import leads_of
from handoff.api.schema import EXAMPLE_HANDOFF, Decision, HandoffShown, Reason, Rejection
from handoff.models import Handoff, RejectReason
from handoff.services.deciding import handoff_accept, handoff_claim, handoff_reject, handoff_release
from kernel.errors import BadRequestError, Problem
from kernel.json import unsafe_text


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


class QueueView(ApiView):
    """`GET queue?state=&owner=`: the open hand-offs of the key's own leads, best first."""

    scopes: ClassVar = {"GET": (Scope.CRM_SYNC,)}

    @call(
        "queue_list",
        gettext_lazy("List the open hand-offs, most urgent first"),
        answers={200: paged("HandoffPage", HandoffShown)},
        answered={"next": None, "previous": None, "results": [EXAMPLE_HANDOFF]},
        problems=(400,),
        parameters=(
            OpenApiParameter("state", str, description=gettext_lazy("waiting, claimed or accepted.")),
            OpenApiParameter("owner", str, description=gettext_lazy("The owner's sign-in address.")),
            *PAGING,
        ),
    )
    def get(self, request: Request) -> Response:
        query = Query(request, ["state", "owner"], is_paged=True)
        state, owner = query.text("state"), query.text("owner")
        query.check()
        found = Handoff.objects.filter(closed_at=None, lead__in=leads_of(self.key).values("pk"))
        if state is not None:
            found = found.filter(state=state)
        if owner is not None:
            found = found.filter(owner__email=owner.lower())
        rows = found.select_related("model", "version", "owner", "reason").defer("version__document", "card")
        return page_response(request, rows, order=("-priority", "-id"), show=handoff_json)


class ReasonsView(ApiView):
    """`GET reasons`: why a rep may say no, as the team wrote it."""

    scopes: ClassVar = {"GET": (Scope.CRM_SYNC,)}

    @call(
        "reasons_list",
        gettext_lazy("List the reasons to reject"),
        answers={200: results("Reasons", Reason)},
        answered={"results": [{"key": "no-budget", "label": "No budget", "meaning": "", "may_return": True}]},
    )
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
    """`POST handoffs/{id}/…` with `by`, the email of the rep who decides; 409 once decided.

    Subclasses name the texts their move takes (`needed`, `optional`) and make it in `move`.
    """

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC,)}
    needed: ClassVar[tuple[str, ...]] = ("by",)
    optional: ClassVar[tuple[str, ...]] = ()

    def move(self, handoff_id: int, by: User, texts: dict[str, str]) -> None:
        raise NotImplementedError

    def post(self, request: Request, pk: int) -> Response:
        handoff = Handoff.objects.filter(pk=pk, lead__in=leads_of(self.key).values("pk")).first()
        if handoff is None:
            raise Http404
        texts = self._texts(body_object(request) if has_body(request) else {})
        self.move(handoff.pk, self._rep(texts["by"]), texts)
        changed = Handoff.objects.select_related("model", "version", "owner", "reason").get(pk=pk)
        return Response(handoff_json(changed))

    def _texts(self, body: dict[str, Any]) -> dict[str, str]:
        known = (*self.needed, *self.optional)
        problems = [
            Problem(pointer="", code="unknown_field", detail=_("There is a key here that this move does not know."))
            for name in body
            if name not in known
        ]
        for name in known:
            if name not in body and name not in self.needed:
                continue
            pointer, value = f"/{name}", body.get(name)
            if not isinstance(value, str):
                detail = _("Send “%(key)s” as text.") % {"key": name}
                problems.append(Problem(pointer=pointer, code="required", detail=detail))
            elif unsafe_text(value):
                detail = _("A text holds a character that cannot be stored.")
                problems.append(Problem(pointer=pointer, code="bad_character", detail=detail))
        if problems:
            raise BadRequestError(problems[0].detail, code=problems[0].code, problems=problems)
        return body

    @staticmethod
    def _rep(email: str) -> User:
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            detail = _("Nobody who works here signs in with this address.")
            raise BadRequestError(
                detail, code="unknown_user", problems=[Problem(pointer="/by", code="unknown_user", detail=detail)]
            )
        return user


def _described(move: str, summary: Any, *, state: str, **more: Any) -> Any:
    return extend_schema_view(
        post=call(
            f"handoff_{move}",
            summary,
            request=more.pop("request", Decision),
            sent={"by": "rita@ours.example", **more},
            answers={200: HandoffShown},
            answered={**EXAMPLE_HANDOFF, "state": state},
            problems=(404, 409),
            is_write=True,
        )
    )


@_described("claim", gettext_lazy("Say: I work on this"), state="claimed")
class HandoffClaimView(HandoffMoveView):
    def move(self, handoff_id: int, by: User, texts: dict[str, str]) -> None:
        handoff_claim(handoff_id=handoff_id, by=by)


@_described("release", gettext_lazy("Give a claimed one back to the team"), state="waiting")
class HandoffReleaseView(HandoffMoveView):
    def move(self, handoff_id: int, by: User, texts: dict[str, str]) -> None:
        handoff_release(handoff_id=handoff_id, by=by)


@_described("accept", gettext_lazy("Accept"), state="accepted")
class HandoffAcceptView(HandoffMoveView):
    def move(self, handoff_id: int, by: User, texts: dict[str, str]) -> None:
        handoff_accept(handoff_id=handoff_id, by=by)


@_described("reject", gettext_lazy("Reject, with a reason"), state="rejected", request=Rejection, reason="no-budget")
class HandoffRejectView(HandoffMoveView):
    needed = ("by", "reason")
    optional = ("note",)

    def move(self, handoff_id: int, by: User, texts: dict[str, str]) -> None:
        handoff_reject(handoff_id=handoff_id, by=by, reason=texts["reason"], note=texts.get("note", ""))
