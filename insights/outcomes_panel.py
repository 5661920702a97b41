"""The panel of this floor beside a matrix: whether a draft qualifies the leads that buy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.outcomes import Outcome, outcomes
from scoring.workbench.access import reader_required, version_or_404


@reader_required
@require_safe
def workbench_outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    """Precision and recall of the published version and of this one."""
    version = version_or_404(pk)
    found = outcomes(version)
    context = {
        "version": version,
        "is_counting": found is None,
        "rows": [(_label(each), each) for each in found or ()],
        "is_few": any(each.is_few for each in found or ()),
    }
    return render(request, "insights/_workbench_outcomes.html", context)


def _label(outcome: Outcome) -> str:
    return {"won": _("Won deals"), "accepted": _("Accepted by sales"), "conversation": _("Conversations")}[outcome.key]
