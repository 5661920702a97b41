"""A company whose every text was written by somebody who wants to run a script: thirty ways, in every text column there is."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.utils import DatabaseError
from model_bakery import baker

from accounts.services import audit_record
from scoring.presets import preset_document
from tests.e2e.payloads import PAYLOADS

OURS = ("accounts", "crm", "scoring", "handoff", "insights")
# What the house itself writes and reads by: codes, keys, hashes. No stranger's text ever gets there.
NOT_TEXT = {
    "accounts.User": {"password", "role", "time_zone", "language", "email"},
    "accounts.ApiKey": {"key_hash", "prefix", "feed"},
    "accounts.Notification": {"kind", "url"},
    "accounts.Installation": {"time_zone"},
    "accounts.SavedView": {"page"},
    "accounts.IdempotencyRecord": {"key", "request_hash"},
    "crm.Activity": {"feed", "sent_hash", "bot_reason", "kind", "message_id"},
    "crm.ActivityKind": {"key"},
    "crm.AttributeDefinition": {"key", "type", "subject"},
    "crm.Company": {"domain", "country"},
    "crm.ExternalId": {"feed"},
    "crm.FactChange": {"subject_type", "field"},
    "crm.Feed": {"slug"},
    "crm.Import": {"feed", "state", "about", "handoffs", "digest"},
    "crm.ImportRejection": {"code"},
    "crm.Lead": {"email_key", "phone_key", "email_domain", "email_kind", "phone_kind", "country"},
    "crm.PossibleDuplicate": {"reason", "settled_as"},
    "crm.Quarantine": {"kind", "sent_hash"},
    "crm.SavedMapping": {"about"},
    "crm.Tombstone": {"digest"},
    "scoring.ColumnGeneration": {"host"},
    "scoring.MatrixVersion": {"checksum"},
    "scoring.Run": {"cause"},
    "scoring.RunRange": {"way"},
    "scoring.Score": {"grade", "level", "rating", "stage", "decided_by", "country"},
    "scoring.ScoringModel": {"slug", "time_zone"},
    "handoff.Handoff": {"opened_rating", "opened_stage"},
    "handoff.HandoffEvent": {"state"},
    "handoff.RejectReason": {"slug"},
}
# A value of the house inside a JSON column is no stranger's either.
JSON_TEXT = {
    ("crm", "Lead", "attributes"),
    ("crm", "Lead", "qualification"),
    ("crm", "Company", "attributes"),
    ("crm", "Activity", "properties"),
    ("crm", "FactChange", "before"),
    ("crm", "FactChange", "after"),
    ("crm", "Quarantine", "payload"),
}
TEXTS = (models.CharField, models.TextField)
_next = count()


def payload(most: int | None = None) -> str:
    """The next payload in turn that fits into so many characters."""
    while True:
        text = PAYLOADS[next(_next) % len(PAYLOADS)]
        if most is None or len(text) <= most:
            return text
        if most < min(map(len, PAYLOADS)):
            return "<b>"[:most]


def hostile_matrix() -> dict[str, Any]:
    """A preset whose every label, name and note is a payload."""
    document = deepcopy(preset_document("b2b_saas"))
    document["name"] = payload(100)
    for part in (*document["stages"], *document["criteria"], *document.get("groups", {}).values()):
        for name in ("label", "description", "note"):
            if name in part or name == "label":
                part[name] = payload(100)
    return document


def texts_poison() -> int:
    """Fill every text column of every row of ours, and a row of each table that has none; how many cells were written."""
    written = 0
    for model in tables():
        if not model._default_manager.exists():
            _row_make(model)
        written += sum(_row_poison(model, row) for row in model._default_manager.order_by("-pk")[:60])
    audit_record(action=payload(80), subject_type=payload(40), details={payload(): payload()})
    return written


def tables() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if model._meta.app_label in OURS)


def columns(model: type[models.Model]) -> dict[str, Any]:
    """The text columns a stranger's words may reach."""
    left_out = NOT_TEXT.get(model._meta.label, set())
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if field.name not in left_out and not field.choices and (isinstance(field, TEXTS) or _is_texts(field))
    }


def _is_texts(field: Any) -> bool:
    return isinstance(field, ArrayField) and isinstance(field.base_field, TEXTS) and not field.base_field.choices


def _row_make(model: type[models.Model]) -> None:
    try:
        with transaction.atomic():
            baker.make(model)
    except DatabaseError:
        # Tables whose rows are bound to others by constraints are filled by the services when the company is made.
        return


def _row_poison(model: type[models.Model], row: models.Model) -> int:
    values: dict[str, Any] = {}
    for name, field in columns(model).items():
        if isinstance(field, ArrayField):
            values[name] = [payload(field.base_field.max_length)]
        else:
            values[name] = payload(field.max_length) + (f" {row.pk}" if field.unique else "")
    for label, name, column in JSON_TEXT:
        if model._meta.label == f"{label}.{name}":
            values[column] = {payload(): payload(), "plan": payload()}
    if not values:
        return 0
    try:
        with transaction.atomic():
            model._default_manager.filter(pk=row.pk).update(**values)
    except DatabaseError:
        # What is published or audited is refused by its trigger: nobody's text gets in that way either.
        return 0
    return len(values)
