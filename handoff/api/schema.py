"""How hand-offs and reasons look in the schema."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from handoff.models import STATE_LABELS

EXAMPLE_HANDOFF = {
    "id": 301,
    "lead": 4711,
    "model": "default",
    "version": 7,
    "state": "waiting",
    "owner": "rita@ours.example",
    "is_fast_tracked": False,
    "opened_at": "2026-03-03T09:00:03Z",
    "sla_due_at": "2026-03-04T09:00:03Z",
    "cooled_at": None,
    "decided_at": None,
    "closed_at": None,
    "reason": None,
    "opened": {"total": 46, "rating": "A2", "stage": "mql"},
}


class Opened(serializers.Serializer[Any]):
    """The score as it was said when the hand-off opened."""

    total = serializers.IntegerField()
    rating = serializers.CharField()
    stage = serializers.CharField()


class HandoffShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    lead = serializers.IntegerField()
    model = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=STATE_LABELS)
    owner = serializers.CharField(allow_null=True, help_text=_("The owner's sign-in address."))
    is_fast_tracked = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    sla_due_at = serializers.DateTimeField(help_text=_("An answer is due by then."))
    cooled_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    opened = Opened()


class Reason(serializers.Serializer[Any]):
    key = serializers.CharField()
    meaning = serializers.CharField()
    may_return = serializers.BooleanField(help_text=_("Whether a newer fast track may bring the lead back early."))

    # A serializer has a member `label` of its own, so the field of that name goes in here.
    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "label": serializers.CharField()}


class Decision(serializers.Serializer[Any]):
    by = serializers.CharField(help_text=_("The sign-in address of the rep who decides."))


class Rejection(Decision):
    reason = serializers.CharField(help_text=_("A key of `GET reasons`."))
    note = serializers.CharField(required=False, max_length=2000)
