from crm.models.activity import Activity
from crm.models.company import Company
from crm.models.fact_change import FactChange
from crm.models.feed import ActivityKind, Feed
from crm.models.lead import ExternalId, Lead, LeadMerge, PossibleDuplicate, Tombstone
from crm.models.quarantine import Quarantine
from crm.models.work import Cause, Work

__all__ = [
    "Activity",
    "ActivityKind",
    "Cause",
    "Company",
    "ExternalId",
    "FactChange",
    "Feed",
    "Lead",
    "LeadMerge",
    "PossibleDuplicate",
    "Quarantine",
    "Tombstone",
    "Work",
]
