"""What this floor puts into the floors below: its panel on the lead page, its leads in sight, its erasers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from accounts.notifications import NotificationKind
from accounts.notifications import register as register_kind
from crm.services.erasure import register_eraser
from crm.services.imports_asked import register_estimator, register_keeper
from crm.visibility import register_source
from handoff.marks import handoff_marks
from handoff.models import Handoff, HandoffEvent, HandoffModel, Suppression
from handoff.queries import leads_in_queue_of
from handoff.services.estimating import handoffs_would_open, leads_worked
from kernel.slots import Panel, register
from scoring.marks import register_marks


def erase(lead_id: int) -> None:
    """Forget a lead: its hand-offs with their events and notes, and its suppression."""
    HandoffEvent.objects.filter(handoff__lead=lead_id).delete()
    HandoffModel.objects.filter(handoff__lead=lead_id).delete()
    Suppression.objects.filter(lead=lead_id).delete()
    Handoff.objects.filter(lead=lead_id).delete()


def passed_on_wording(params: Mapping[str, Any]) -> str:
    """Of `name`, who left, and `leads`, how many; with `handoffs`, how many of them wait in the queue."""
    leads, handoffs = int(params["leads"]), int(params.get("handoffs", 0))
    text = ngettext("%(leads)s lead of %(name)s is yours now.", "%(leads)s leads of %(name)s are yours now.", leads)
    sentences = [text % {"leads": f"{leads:,}", "name": params["name"]}] if leads or not handoffs else []
    if handoffs and not leads:
        text = ngettext(
            "%(n)s open hand-off of %(name)s is in your queue.",
            "%(n)s open hand-offs of %(name)s are in your queue.",
            handoffs,
        )
        sentences.append(text % {"n": f"{handoffs:,}", "name": params["name"]})
    elif handoffs:
        text = ngettext("%(n)s open hand-off is in your queue.", "%(n)s open hand-offs are in your queue.", handoffs)
        sentences.append(text % {"n": f"{handoffs:,}"})
    return " ".join(sentences)


def register_all() -> None:
    """Called once the apps are loaded."""
    register(Panel(slot="lead.side", name="lead-handoff", url_name="lead-handoff", order=10, is_eager=True))
    register(Panel(slot="import.result", name="import-handoffs", url_name="import-handoffs", is_eager=True))
    register(Panel(slot="workbench.impact", name="workbench-load", url_name="workbench-load", order=10))
    register(Panel(slot="publication", name="version-handoffs", url_name="version-handoffs", order=10))
    register_estimator(handoffs_would_open)
    register_keeper("handoff", leads_worked)
    register_source("handoff.queue", leads_in_queue_of)
    register_marks("handoff", handoff_marks)
    register_kind(
        NotificationKind(
            key="leads_passed_on",
            label=gettext_lazy("Leads of a colleague are passed on to me"),
            wording=passed_on_wording,
            is_emailed=True,
            order=20,
        )
    )
    register_eraser("handoff", [Handoff, HandoffModel, HandoffEvent, Suppression], erase)
