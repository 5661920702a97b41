"""What this floor does. Import the verbs from here."""

from handoff.services.deciding import handoff_accept, handoff_claim, handoff_reject, handoff_release
from handoff.services.passing_on import handoffs_pass_on
from handoff.services.reconciling import ReconcileReport, handoffs_drain, handoffs_reconcile
from handoff.services.releasing import import_release, import_release_stop, version_release, version_release_stop

__all__ = [
    "ReconcileReport",
    "handoff_accept",
    "handoff_claim",
    "handoff_reject",
    "handoff_release",
    "handoffs_drain",
    "handoffs_pass_on",
    "handoffs_reconcile",
    "import_release",
    "import_release_stop",
    "version_release",
    "version_release_stop",
]
