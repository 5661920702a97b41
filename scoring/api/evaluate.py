"""`POST evaluate`: a matrix and facts in, the score card out. Nothing is stored, nobody's lead is touched."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_object
from accounts.api.parsing import ExactJSONParser
from accounts.api.schema import call
from accounts.api.view import ApiView
from accounts.models import Scope
from kernel.errors import BadRequestError, InvalidError, Problem
from scoring.api.schema import EXAMPLE_CARD, EXAMPLE_FACTS, EXAMPLE_MATRIX, Card, Evaluation
from scoring.engine import write_json
from scoring.judging import judge
from scoring.models import MatrixVersion

EVALUATE_BODY_BYTES = 2 * 1024 * 1024


class ExactJSONRenderer(JSONRenderer):
    """Numbers as they were sent: evidence shows a lead's raw values."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return write_json(data).encode()


class EvaluateView(ApiView):
    """`{matrix, facts, as_of}`, or `{version, facts, as_of}` with the id of a stored version; 422 names every problem."""

    scopes: ClassVar = {"POST": (Scope.CRM_SYNC, Scope.ACTIVITIES_WRITE)}
    parser_classes = (ExactJSONParser,)
    renderer_classes = (ExactJSONRenderer,)
    max_body_bytes = EVALUATE_BODY_BYTES
    is_stored = False

    @call(
        "evaluate",
        gettext_lazy("Judge facts by a matrix"),
        description=gettext_lazy("Nothing is stored. 422 names every problem of matrix and facts at once."),
        request=Evaluation,
        sent={"matrix": EXAMPLE_MATRIX, "facts": EXAMPLE_FACTS, "as_of": "2026-03-03"},
        answers={200: Card},
        answered={**EXAMPLE_CARD, "model": None, "version": None},
        problems=(404,),
    )
    def post(self, request: Request) -> Response:
        payload = dict(body_object(request))
        version = None
        if "version" in payload:
            if "matrix" in payload:
                raise BadRequestError(_("Send either a matrix or a version, not both."), code="wrong_type")
            version = self._version(payload.pop("version"))
            payload["matrix"] = version.document
        answer = judge(payload)
        errors = answer.get("errors")
        if isinstance(errors, list):
            problems = [Problem(pointer=e["path"], code=e["code"], detail=e["detail"]) for e in errors]
            raise InvalidError(problems[0].detail, code="invalid", problems=problems)
        if version is not None:
            answer |= {"model": version.model.slug, "version": version.number}
        return Response(answer)

    @staticmethod
    def _version(version_id: object) -> MatrixVersion:
        if not isinstance(version_id, int) or isinstance(version_id, bool):
            raise BadRequestError(_("Send the id of a version, a whole number."), code="wrong_type")
        version = MatrixVersion.objects.select_related("model").filter(pk=version_id).first()
        if version is None:
            raise Http404
        return version
