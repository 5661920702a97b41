"""What changed, as rows of FactChange: the fields of a lead or company before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import ApiKey, User
from crm.identity import read_email, read_phone
from crm.models import Company, FactChange, Lead

LEAD_FACTS = (
    "email", "email_domain", "email_kind", "first_name", "last_name", "title", "department", "seniority", "phone",
    "phone_kind", "country", "state", "city", "source", "consent", "is_suspect",
)  # fmt: skip
COMPANY_FACTS = ("name", "domain", "industry", "country", "employees", "revenue", "technologies")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field that changed; values as the engine would be handed them, None for unknown."""

    field: str
    before: object
    after: object


def lead_facts(lead: Lead) -> dict[str, object]:
    """The fields of a lead that have a history, flat: `attributes.NAME`, `qualification.NAME`, `company` and `owner` by id."""
    facts: dict[str, object] = {field: _known(getattr(lead, field)) for field in LEAD_FACTS}
    facts |= {f"attributes.{name}": value for name, value in lead.attributes.items()}
    facts |= {f"qualification.{name}": value for name, value in lead.qualification.items()}
    facts["company"] = lead.company_id
    facts["owner"] = lead.owner_id
    facts["merged_into"] = lead.merged_into_id
    return facts


def company_facts(company: Company) -> dict[str, object]:
    """The fields of a company that have a history, flat."""
    facts: dict[str, object] = {field: _known(getattr(company, field)) for field in COMPANY_FACTS}
    return facts | {f"attributes.{name}": value for name, value in company.attributes.items()}


def fact_set(lead: Lead, field: str, value: object) -> None:
    """Give a field of `lead_facts` a value again, and the match key that follows from it."""
    group, _dot, name = field.partition(".")
    if name:
        known = getattr(lead, group)
        setattr(
            lead, group, {**{n: v for n, v in known.items() if n != name}, **({} if value is None else {name: value})}
        )
    elif field in {"company", "owner", "merged_into"}:
        setattr(lead, f"{field}_id", value)
    elif field in {"consent", "is_suspect"}:
        setattr(lead, field, value)
    else:
        setattr(lead, field, value or "")
    if field == "email":
        lead.email_key = read_email(lead.email).key
    elif field in {"phone", "country"}:
        lead.phone_key = read_phone(lead.phone, lead.country).key


def company_fact_set(company: Company, field: str, value: object) -> None:
    """Give a field of `company_facts` a value again."""
    _group, _dot, name = field.partition(".")
    if name:
        left = {known: said for known, said in company.attributes.items() if known != name}
        company.attributes = left if value is None else {**left, name: value}
    elif field in {"employees", "revenue"}:
        setattr(company, field, value)
    elif field == "technologies":
        company.technologies = value if isinstance(value, list) else []
    else:
        setattr(company, field, value or "")


def changes_between(before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    """Every field that differs, by name. `1` and `true` differ, as they do in JSON."""
    return [
        Change(field=field, before=before.get(field), after=after.get(field))
        for field in sorted({*before, *after})
        if not _same(before.get(field), after.get(field))
    ]


def history_rows(
    *,
    subject: FactChange.Subject,
    subject_id: int,
    changes: list[Change],
    valid_at: datetime,
    recorded_at: datetime,
    changed_by: str,
    import_id: int | None = None,
) -> list[FactChange]:
    """The rows to write for the changes of one subject."""
    return [
        FactChange(
            subject_type=subject,
            subject_id=subject_id,
            field=change.field,
            before=change.before,
            after=change.after,
            valid_at=valid_at,
            recorded_at=recorded_at,
            changed_by=changed_by,
            imported_by_id=import_id,
        )
        for change in changes
    ]


def actor_name(by: User | ApiKey | None, feed: str = "") -> str:
    """Who changed it, by surrogate id: `user:5`, `key:3`, else the feed."""
    if isinstance(by, User):
        return f"user:{by.pk}"
    if isinstance(by, ApiKey):
        return f"key:{by.pk}"
    return f"feed:{feed}" if feed else ""


def _known(value: object) -> object:
    return None if value == "" or value == [] else value


def _same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
