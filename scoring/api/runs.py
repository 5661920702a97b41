"""How far publications and nights have come, by REST."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.query import Query
from accounts.api.schema import call, results
from accounts.api.view import ApiView
from accounts.models import Scope
from scoring.api.scores import MODEL, model_or_404
from scoring.run_progress import RunProgress, runs_progress

SHOWN = 20
EXAMPLE_RUN = {
    "id": 41,
    "version": 8,
    "as_of": "2026-03-03",
    "cause": "version",
    "state": "open",
    "started_at": "2026-03-03T09:00:00+00:00",
    "finished_at": None,
    "done": 412_000,
    "total": 1_000_000,
    "changed": 33_120,
    "rate": 118_000,
    "seconds_left": 5,
    "ways": ["file"],
}


class RunRow(serializers.Serializer[Any]):
    """A bulk run, counted in leads."""

    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text=_("Number of the version that judges."))
    as_of = serializers.DateField(help_text=_("The day as of which it judges."))
    cause = serializers.ChoiceField(choices=["version", "day"])
    state = serializers.ChoiceField(
        choices=["open", "done", "superseded"], help_text=_("Superseded: a later run of the model took over.")
    )
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    done = serializers.IntegerField(help_text=_("Leads judged so far."))
    total = serializers.IntegerField()
    changed = serializers.IntegerField(help_text=_("Leads whose score was written."))
    rate = serializers.IntegerField(help_text=_("Leads a second."))
    seconds_left = serializers.IntegerField(allow_null=True, help_text=_("Null where it ended or nothing tells yet."))
    ways = serializers.ListField(
        child=serializers.ChoiceField(choices=["file", "read", "engine"]),
        help_text=_(
            "Judged from the column file, from columns read just then, or lead by lead because bulk judgement broke."
        ),
    )


class RunsView(ApiView):
    """`GET runs?model=`: the last runs of a model, newest first."""

    scopes: ClassVar = {"GET": (Scope.CRM_SYNC,)}

    @call(
        "runs_list",
        _("Read how far publications and new days have come"),
        description=_("The last 20 runs of a model, newest first."),
        answers={200: results("Runs", RunRow)},
        answered={"results": [EXAMPLE_RUN]},
        problems=(400, 404),
        parameters=(MODEL,),
    )
    def get(self, request: Request) -> Response:
        query = Query(request, ["model"])
        slug = query.text("model")
        query.check()
        runs = runs_progress(model_id=model_or_404(slug).pk, limit=SHOWN)
        return Response({"results": [run_json(each) for each in runs]})


def run_json(progress: RunProgress) -> dict[str, Any]:
    run = progress.run
    return {
        "id": run.pk,
        "version": run.version.number,
        "as_of": run.as_of.isoformat(),
        "cause": run.cause,
        "state": progress.state,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "done": progress.done,
        "total": progress.total,
        "changed": progress.changed,
        "rate": progress.rate,
        "seconds_left": progress.seconds_left,
        "ways": list(progress.ways),
    }
