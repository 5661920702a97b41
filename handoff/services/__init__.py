"""What this floor does. Import the verbs from here."""

from handoff.services.deciding import handoff_accept, handoff_claim, handoff_reject, handoff_release
from handoff.services.reconciling import ReconcileReport, handoffs_drain, handoffs_reconcile

__all__ = [
    "ReconcileReport",
    "handoff_accept",
    "handoff_claim",
    "handoff_reject",
    "handoff_release",
    "handoffs_drain",
    "handoffs_reconcile",
]
