"""Custom attributes that this installation has agreed on, and those that are sent without anybody having named them."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from crm.ingestion.attribute_types import AttributeTypes, type_guessed
from crm.models import AttributeDefinition, Company, Lead
from kernel.errors import BadRequestError, ConflictError

# Looking at all leads reads the whole table; what is sent now is among the newest.
UNNAMED_AMONG = 5_000
UNNAMED_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class UnnamedAttribute:
    """A key that is in use and has no definition: how many of the newest rows have it, and what type it seems to be."""

    subject: str
    key: str
    rows: int
    type: str


def attribute_definitions(subject: str) -> list[AttributeDefinition]:
    """The attributes agreed on for leads or for companies (`AttributeDefinition.Subject`), in the order they are shown."""
    return list(AttributeDefinition.objects.filter(subject=subject).order_by("position", "label", "pk"))


def attribute_types() -> AttributeTypes:
    """All definitions, as reading needs them; one query. Load them once a batch, and never keep them for the next."""
    by: dict[str, dict[str, AttributeDefinition]] = {choice: {} for choice in AttributeDefinition.Subject.values}
    for definition in AttributeDefinition.objects.all():
        by[definition.subject][definition.key] = definition
    return AttributeTypes(lead=by[AttributeDefinition.Subject.LEAD], company=by[AttributeDefinition.Subject.COMPANY])


def attribute_types_for(items: Iterable[object]) -> AttributeTypes:
    """The same, without asking the database where no item says anything of a custom attribute."""
    return attribute_types() if any(_names_attributes(item) for item in items) else AttributeTypes()


def attributes_unnamed() -> list[UnnamedAttribute]:
    """Keys among the newest leads and companies that nobody named, the most frequent first; at most fifty."""
    types = attribute_types()
    found = [
        *_unnamed(AttributeDefinition.Subject.LEAD, types.lead),
        *_unnamed(AttributeDefinition.Subject.COMPANY, types.company),
    ]
    return sorted(found, key=lambda one: (-one.rows, one.subject, one.key))[:UNNAMED_SHOWN]


@transaction.atomic
def attribute_define(*, subject: str, key: str, by: User | None = None) -> AttributeDefinition:
    """Make a definition of a key in use, named and typed after what is stored. Raises ConflictError where it is defined.

    Values that do not fit stay as they are; only what comes in from now on is held to the type.
    """
    definition = AttributeDefinition(
        subject=subject,
        key=key,
        label=key.replace("_", " ").capitalize()[:120],
        type=type_guessed(_in_use(subject).get(key, [])),
    )
    try:
        definition.clean_fields(exclude=["choices"])
    except ValidationError as error:
        detail = _("This key cannot be defined: %(why)s") % {"why": " ".join(error.messages)}
        raise BadRequestError(detail, code="bad_key") from None
    row, is_new = AttributeDefinition.objects.get_or_create(
        subject=subject, key=key, defaults={"label": definition.label, "type": definition.type}
    )
    if not is_new:
        raise ConflictError(_("This attribute is defined already."), code="attribute_defined")
    audit_record(
        action="attributedefinition.create",
        subject_type="attributedefinition",
        subject_id=row.pk,
        actor=by,
        details={"subject": subject, "key": key, "type": definition.type},
    )
    return row


@transaction.atomic
def attribute_undefine(*, definition_id: int, by: User | None = None) -> None:
    """Delete the definition alone: what leads and companies have stays, and is taken again as it is sent."""
    definition = AttributeDefinition.objects.select_for_update().get(pk=definition_id)
    audit_record(
        action="attributedefinition.delete",
        subject_type="attributedefinition",
        subject_id=definition.pk,
        actor=by,
        details={"subject": definition.subject, "key": definition.key, "type": definition.type},
    )
    definition.delete()


def _names_attributes(item: object) -> bool:
    if not isinstance(item, Mapping):
        return False
    company = item.get("company")
    return bool(item.get("attributes")) or (isinstance(company, Mapping) and bool(company.get("attributes")))


def _in_use(subject: str) -> dict[str, list[object]]:
    """The values of each key among the newest rows."""
    model = Company if subject == AttributeDefinition.Subject.COMPANY else Lead
    newest = model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0
    rows = model._default_manager.filter(pk__gt=newest - UNNAMED_AMONG).exclude(attributes={})
    found: dict[str, list[object]] = defaultdict(list)
    for attributes in rows.values_list("attributes", flat=True).iterator(chunk_size=1_000):
        for key, value in attributes.items():
            found[key].append(value)
    return found


def _unnamed(subject: str, named: Container[str]) -> list[UnnamedAttribute]:
    return [
        UnnamedAttribute(subject=subject, key=key, rows=len(values), type=type_guessed(values))
        for key, values in _in_use(subject).items()
        if key not in named
    ]
