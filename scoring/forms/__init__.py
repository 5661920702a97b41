"""What people type into the pages of this floor."""

from scoring.forms.lead_filters import Chip, LeadFilterForm
from scoring.forms.matrices import AsOfForm, NewVersionForm, PublicationForm

__all__ = ["AsOfForm", "Chip", "LeadFilterForm", "NewVersionForm", "PublicationForm"]
