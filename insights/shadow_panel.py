"""The panel on the page of a shadow: how those fared about whom it and the published version disagreed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.fates import OUTCOMES, shadow_fates
from scoring.models import Shadow, ShadowLead
from scoring.workbench.access import reader_required

Side = ShadowLead.Side
# Fewer leads than these say little, whatever their share.
FEW = 30


@reader_required
@require_safe
def fates(request: HttpRequest, pk: int) -> HttpResponse:
    """By outcome a row, by side a column, each share with its interval."""
    shadow = Shadow.objects.select_related("version__model").filter(pk=pk).first()
    if shadow is None:
        raise Http404
    sides = shadow_fates(shadow)
    labels = {
        "conversation": _("Had a conversation"),
        "accepted": _("Accepted by sales"),
        "rejected": _("Rejected by sales"),
        "won": _("Won"),
        "lost": _("Lost"),
    }
    by_shadow, by_published = sides[Side.SHADOW], sides[Side.PUBLISHED]
    context = {
        "shadow": shadow,
        "by_shadow": by_shadow,
        "by_published": by_published,
        "rows": [(labels[name], by_published.fates[name], by_shadow.fates[name]) for name in OUTCOMES],
        "is_few": min(by_shadow.leads, by_published.leads) < FEW,
    }
    return render(request, "insights/_shadow_fates.html", context)
