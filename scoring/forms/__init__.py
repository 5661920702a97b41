"""What people type into the pages of this floor."""

from scoring.forms.lead_filters import Chip, LeadFilterForm
from scoring.forms.matrices import AsOfForm, NewVersionForm
from scoring.forms.publication import LookForm, PublicationForm, ReasonForm, WarningReasonForm

__all__ = [
    "AsOfForm",
    "Chip",
    "LeadFilterForm",
    "LookForm",
    "NewVersionForm",
    "PublicationForm",
    "ReasonForm",
    "WarningReasonForm",
]
