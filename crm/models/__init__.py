from crm.models.activity import Activity
from crm.models.attribute import AttributeDefinition
from crm.models.company import Company
from crm.models.fact_change import FactChange
from crm.models.feed import ActivityKind, Feed
from crm.models.imports import Import, ImportChunk, ImportRejection, SavedMapping
from crm.models.lead import ExternalId, Lead, LeadMerge, PossibleDuplicate, Tombstone
from crm.models.likeness import DuplicateSweep, LikenessKey
from crm.models.note import Note
from crm.models.quarantine import Quarantine
from crm.models.touch import LeadTouch
from crm.models.work import Cause, Work

__all__ = [
    "Activity",
    "ActivityKind",
    "AttributeDefinition",
    "Cause",
    "Company",
    "DuplicateSweep",
    "ExternalId",
    "FactChange",
    "Feed",
    "Import",
    "ImportChunk",
    "ImportRejection",
    "Lead",
    "LeadMerge",
    "LeadTouch",
    "LikenessKey",
    "Note",
    "PossibleDuplicate",
    "Quarantine",
    "SavedMapping",
    "Tombstone",
    "Work",
]
