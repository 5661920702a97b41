"""From rows and files to what the engine judges. After this module no row is touched and no clock is asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.queries import LeadFacts
from kernel.errors import BadRequestError, Problem
from scoring.engine import (
    Activity,
    CompiledMatrix,
    Facts,
    InvalidJson,
    activity_from_trusted,
    compile_matrix,
    facts_from_trusted,
    parse_facts,
    parse_json,
    parse_matrix,
)
from scoring.models import MatrixVersion
from scoring.wording import problem_sentence
from scoring.yaml_text import yaml_read

Format = Literal["json", "yaml"]


def compiled_version(*, version_id: int, checksum: str) -> CompiledMatrix:
    """The matrix of a version, ready to judge. Kept in this process; a draft's edit changes its checksum."""
    return _compiled(version_id, checksum)


@lru_cache(maxsize=64)
def _compiled(version_id: int, checksum: str) -> CompiledMatrix:
    document = MatrixVersion.objects.values_list("document", flat=True).get(pk=version_id)
    # The checksum is that of the document as it was sent: the database may write a number in another way.
    return compile_matrix(replace(parse_matrix(document), checksum=checksum))


def facts_on(lead_facts: LeadFacts, *, as_of: date, zone: tzinfo) -> Facts:
    """What the engine is handed about a lead on a day. Raises InvalidFacts.

    The age of a lead is the number of days from the day it was created, in the model's zone, to `as_of`; on days
    before it is unknown. crm keeps what it stores in the shape of the contract, so nothing is checked again; what still
    cannot be read is read the strict way, which names every problem.
    """
    facts = lead_facts.facts
    lead = _known(facts.get("lead"))
    age = (as_of - lead_facts.created_at.astimezone(zone).date()).days
    if age >= 0:
        lead["created_days"] = age
    try:
        return _trusted(lead, facts)
    except (AttributeError, KeyError, TypeError, ValueError):
        return parse_facts({**facts, "lead": lead})


def _trusted(lead: dict[str, Any], facts: Mapping[str, Any]) -> Facts:
    company = facts.get("company")
    return facts_from_trusted(
        lead=lead,
        company=_known(company) if company is not None else None,
        activities=[_activity(each) for each in facts.get("activities") or ()],
    )


def _known(subject: object) -> dict[str, Any]:
    found = subject if isinstance(subject, Mapping) else {}
    return {name: value for name, value in found.items() if value is not None}


def _activity(fact: Mapping[str, Any]) -> Activity:
    occurred_at = datetime.fromisoformat(fact["occurred_at"]).astimezone(UTC)
    return activity_from_trusted(**{**fact, "occurred_at": occurred_at})


def zone_named(name: str) -> ZoneInfo:
    """The time zone of a model; UTC where the name is empty."""
    return ZoneInfo(name or "UTC")


def document_from_text(text: str, fmt: Format) -> object:
    """The document of a file or a form field. Raises BadRequestError with every problem and its place."""
    if fmt == "yaml":
        return yaml_read(text)
    try:
        return parse_json(text)
    except InvalidJson as error:
        problems = [
            Problem(pointer=each.path, code=each.code, detail=problem_sentence(each)) for each in error.problems
        ]
        raise BadRequestError(
            _("This JSON cannot be taken: mend what is listed."), code="invalid_json", problems=problems
        ) from error
