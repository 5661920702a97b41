"""Pages of this floor: the list of leads with its export, and how far a run has come."""

from scoring.views.export import leads_export
from scoring.views.listing import leads
from scoring.views.runs import run_progress

__all__ = ["leads", "leads_export", "run_progress"]
