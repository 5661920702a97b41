"""What this floor puts into the floors below: its panel on the lead page, its leads in sight, its erasers."""

from crm.services.erasure import register_eraser
from crm.visibility import register_source
from handoff.marks import handoff_marks
from handoff.models import Handoff, HandoffEvent, HandoffModel, Suppression
from handoff.queries import leads_in_queue_of
from kernel.slots import Panel, register
from scoring.marks import register_marks


def erase(lead_id: int) -> None:
    """Forget a lead: its hand-offs with their events and notes, and its suppression."""
    HandoffEvent.objects.filter(handoff__lead=lead_id).delete()
    HandoffModel.objects.filter(handoff__lead=lead_id).delete()
    Suppression.objects.filter(lead=lead_id).delete()
    Handoff.objects.filter(lead=lead_id).delete()


def register_all() -> None:
    """Called once the apps are loaded."""
    register(Panel(slot="lead.side", name="lead-handoff", url_name="lead-handoff", order=10, is_eager=True))
    register_source("handoff.queue", leads_in_queue_of)
    register_marks("handoff", handoff_marks)
    register_eraser("handoff", [Handoff, HandoffModel, HandoffEvent, Suppression], erase)
