"""How leads and activities look in the schema. What is taken and refused is written in crm.ingestion."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.schema import FieldProblem
from crm.identity.titles import SENIORITIES

EXAMPLE_LEAD = {
    "external_id": "0031x00001",
    "email": "ada@mill.example",
    "first_name": "Ada",
    "last_name": "Byron",
    "title": "VP Operations",
    "country": "DE",
    "company": {"name": "Mill & Sons", "domain": "mill.example", "employees": 240},
    "attributes": {"newsletter": True},
}
EXAMPLE_ACTIVITY = {
    "message_id": "9f1c",
    "lead": {"external_id": "0031x00001"},
    "kind": "page_view",
    "occurred_at": "2026-03-03T09:41:07Z",
    "url": "https://ours.example/pricing",
    "properties": {"campaign": "spring"},
}
EXAMPLE_SHOWN = {
    "id": 4711,
    "external_ids": ["0031x00001"],
    "owner": "rita@ours.example",
    "email": "ada@mill.example",
    "first_name": "Ada",
    "last_name": "Byron",
    "title": "VP Operations",
    "department": "operations",
    "seniority": "vp",
    "phone": "",
    "country": "DE",
    "state": "",
    "city": "",
    "source": "",
    "consent": None,
    "email_kind": "work",
    "phone_kind": "",
    "is_suspect": False,
    "qualification": {},
    "attributes": {"newsletter": True},
    "company": {
        "id": 815,
        "name": "Mill & Sons",
        "domain": "mill.example",
        "industry": "",
        "country": "",
        "employees": 240,
        "revenue": None,
        "technologies": [],
        "attributes": {},
    },
    "created_at": "2026-03-02T08:00:00Z",
    "updated_at": "2026-03-03T09:41:08Z",
    "revision": 3,
}


class CompanyFields(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=300)
    domain = serializers.CharField(required=False, help_text=_("Found by it; never one of a mail provider."))
    industry = serializers.CharField(required=False, max_length=200)
    country = serializers.CharField(required=False, help_text=_("ISO 3166 code, or a name we know."))
    employees = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    revenue = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    technologies = serializers.ListField(child=serializers.CharField(max_length=100), required=False)
    attributes = serializers.DictField(required=False)


class LeadFields(serializers.Serializer[Any]):
    """A field that is not sent is left alone; null clears it. `external_id` or `email` says who it is."""

    external_id = serializers.CharField(required=False, max_length=200)
    email = serializers.CharField(required=False, max_length=320)
    first_name = serializers.CharField(required=False, max_length=200)
    last_name = serializers.CharField(required=False, max_length=200)
    title = serializers.CharField(required=False, max_length=300)
    department = serializers.CharField(required=False, max_length=60)
    seniority = serializers.ChoiceField(choices=sorted(SENIORITIES), required=False)
    phone = serializers.CharField(required=False, max_length=60)
    country = serializers.CharField(required=False, help_text=_("ISO 3166 code, or a name we know."))
    state = serializers.CharField(required=False, max_length=200)
    city = serializers.CharField(required=False, max_length=200)
    consent = serializers.BooleanField(required=False, allow_null=True)
    owner = serializers.CharField(required=False, help_text=_("The sign-in address of somebody who works here."))
    company = CompanyFields(required=False, allow_null=True)
    qualification = serializers.DictField(required=False)
    attributes = serializers.DictField(required=False)

    # A serializer has a member `source` of its own, so the field of that name goes in here.
    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": serializers.CharField(required=False, max_length=200)}


class CompanyShown(CompanyFields):
    id = serializers.IntegerField()


class LeadShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_ids = serializers.ListField(child=serializers.CharField(), help_text=_("Those of the key's feed."))
    owner = serializers.CharField(allow_null=True)
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    title = serializers.CharField()
    department = serializers.CharField()
    seniority = serializers.CharField()
    phone = serializers.CharField()
    country = serializers.CharField()
    state = serializers.CharField()
    city = serializers.CharField()
    consent = serializers.BooleanField(allow_null=True)
    email_kind = serializers.CharField()
    phone_kind = serializers.CharField()
    is_suspect = serializers.BooleanField(allow_null=True)
    qualification = serializers.DictField()
    attributes = serializers.DictField()
    company = CompanyShown(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text=_("The ETag."))

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": serializers.CharField()}


class Upserted(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged"])
    possible_duplicate_of = serializers.IntegerField(required=False, help_text=_("Whose address it is."))


class LeadBatch(serializers.Serializer[Any]):
    leads = LeadFields(many=True, help_text=_("At most 1,000. The list alone is taken too."))


class LeadReference(serializers.Serializer[Any]):
    """Exactly one of the three."""

    external_id = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    id = serializers.IntegerField(required=False)


class ActivityFields(serializers.Serializer[Any]):
    message_id = serializers.CharField(max_length=200, help_text=_("Unique within the key's feed."))
    lead = LeadReference(required=False)
    visitor = serializers.CharField(required=False, max_length=200, help_text=_("Who it was before they were known."))
    kind = serializers.CharField(max_length=60)
    occurred_at = serializers.DateTimeField(help_text=_("With its offset."))
    url = serializers.CharField(required=False)
    subject = serializers.CharField(required=False)
    value = serializers.FloatField(required=False)
    properties = serializers.DictField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": serializers.CharField(required=False, max_length=200)}


class ActivityBatch(serializers.Serializer[Any]):
    activities = ActivityFields(many=True, help_text=_("At most 1,000 and 1 MB. The list alone is taken too."))


class Item(serializers.Serializer[Any]):
    """What became of one item; what does not apply is left out."""

    index = serializers.IntegerField()
    message_id = serializers.CharField(required=False)
    id = serializers.IntegerField(required=False, help_text=_("The lead."))
    status = serializers.ChoiceField(
        choices=["accepted", "duplicate", "quarantined", "created", "updated", "unchanged", "rejected"]
    )
    possible_duplicate_of = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    pointer = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "errors": FieldProblem(many=True, required=False)}


class Items(serializers.Serializer[Any]):
    results = Item(many=True)


class Withdrawn(serializers.Serializer[Any]):
    message_id = serializers.CharField()
    status = serializers.CharField()


class ErasureRequested(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    status = serializers.CharField()


class MergeFields(serializers.Serializer[Any]):
    merged = serializers.IntegerField(help_text=_("The lead whose facts move here."))


class Merged(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    survivor = serializers.IntegerField()
    merged = serializers.IntegerField()
    status = serializers.CharField(required=False)
