"""The facts for the peers, once and not timed; and the two peers that need Django: its ORM in a loop, and our own engine."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from bench.figures import Figure, seconds
from bench.matrices import document
from bench.peers.orm import judge_by_orm
from bench.scale import Scale
from bench.world import model
from crm.models import Lead
from crm.queries import facts_for_leads
from scoring.engine import compile_matrix, evaluate, parse_matrix
from scoring.loader import facts_on

_ACTIVITIES = """
COPY (SELECT lead_id, kind, (extract(epoch FROM now() - occurred_at) / 86400)::int AS age, url, subject, value::float AS value,
             source, (properties->>'watched_percent')::float AS watched, properties->>'form' AS form
      FROM crm_activity WHERE lead_id IS NOT NULL AND NOT is_bot AND withdrawn_at IS NULL) TO STDOUT (FORMAT csv, HEADER)
"""
_PEOPLE = """
COPY (SELECT l.id AS lead_id, l.seniority, l.title, l.phone, l.email, l.country, l.is_suspect, c.employees, c.revenue,
             c.industry, c.domain, array_to_string(c.technologies, ' ') AS technologies, l.attributes->>'plan' AS plan,
             (l.attributes->>'seats')::int AS seats, l.qualification->>'need' AS need,
             (l.qualification->>'budget')::int AS budget, (now()::date - l.created_at::date) AS created_days
      FROM crm_lead AS l LEFT JOIN crm_company AS c ON c.id = l.company_id WHERE l.merged_into_id IS NULL)
TO STDOUT (FORMAT csv, HEADER)
"""


def measure(scale: Scale) -> Sequence[Figure]:
    model()
    folder = scale.folder / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        for name, query in (("activities", _ACTIVITIES), ("people", _PEOPLE)):
            with (folder / f"{name}.csv").open("wb") as file:
                cursor.cursor.copy_expert(query, file)
    alive = Lead.objects.filter(merged_into=None).order_by("pk")
    step = max(1, scale.leads // scale.peer_leads)
    lead_ids = list(alive.filter(pk__in=range(1 + step // 2, scale.leads + 1, step)).values_list("pk", flat=True))
    today, compiled = datetime.now(UTC).date(), compile_matrix(parse_matrix(document()))
    facts = {
        lead_id: (each.facts, facts_on(each, as_of=today, zone=compiled.zone))
        for start in range(0, len(lead_ids), 1_000)
        for lead_id, each in facts_for_leads(lead_ids[start : start + 1_000]).items()
    }
    alone = seconds(lambda: [evaluate(compiled, judged, today) for _raw, judged in facts.values()])
    with (folder / "tallies.jsonl").open("w") as file:
        for raw, judged in facts.values():
            file.write(json.dumps(_tallies(raw, evaluate(compiled, judged, today))) + "\n")
    with transaction.atomic():
        orm_ids = lead_ids[: max(20, len(lead_ids) // 10)]
        orm = seconds(lambda: judge_by_orm(orm_ids, today))
        transaction.set_rollback(True)
    return [
        _scaled("peer-orm", "Django ORM in a loop, plain Python rules, scores written", orm, len(orm_ids), scale),
        _scaled("peer-engine", "our engine alone, lead by lead, on facts at hand", alone, len(facts), scale),
    ]


def _scaled(key: str, title: str, took: float, leads: int, scale: Scale) -> Figure:
    """What all leads would take."""
    note = f"scaled up from {leads:,} leads, {1_000 * took / leads:.2f} ms each"
    return Figure(key=key, title=title, unit="s", runs=[took * scale.leads / leads], note=note)


def _tallies(raw: Any, card: Any) -> dict[str, object]:
    """A lead as rule engines like it: flat fields, and for each criterion of behavior how many matches and how old the newest."""
    lead, company = raw["lead"], raw["company"] or {}
    flat: dict[str, object] = {name: lead.get(name) for name in ("seniority", "title", "phone", "email", "country")}
    flat |= {name: company.get(name) for name in ("employees", "revenue", "industry", "domain")}
    flat |= {name: lead.get("attributes", {}).get(name) for name in ("plan", "seats")}
    flat |= {name: lead.get("qualification", {}).get(name) for name in ("need", "budget")}
    flat |= {"technologies": company.get("technologies") or [], "is_suspect": bool(lead.get("is_suspect"))}
    if card.score is None:
        return flat
    for line in card.score.ledger:
        if getattr(line, "dimension", "") == "behavior" and hasattr(line, "criterion"):
            matches, name = line.evidence.activities, line.criterion.replace("-", "_")
            flat[f"n_{name}"] = len(matches) or int(line.units > 0)
            flat[f"age_{name}"] = min((each.age for each in matches), default=9_999)
    return flat
