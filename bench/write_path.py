"""How fast facts come in and scores follow, on a database of its own that is dropped at the end.

Stored activities stand beside a bare multi-row INSERT of the same rows, scored leads beside the engine alone on facts that
are already read; all measured in the same run. Run with `python -m bench`.
"""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscore.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
django.setup()

from django.db import connection, transaction  # noqa: E402 - after the set-up
from psycopg2.extras import execute_values  # noqa: E402

from accounts.models import Role, User  # noqa: E402
from crm.models import Work  # noqa: E402
from crm.queries import facts_for_leads  # noqa: E402
from crm.services.activities import activities_record  # noqa: E402
from crm.services.leads import leads_upsert_many  # noqa: E402
from leadscore.demo.people import activities, people  # noqa: E402
from scoring.engine import compile_matrix, evaluate, parse_matrix  # noqa: E402
from scoring.loader import facts_on  # noqa: E402
from scoring.presets import preset_document  # noqa: E402
from scoring.services.matrices import model_create, version_create  # noqa: E402
from scoring.services.publication import version_publish  # noqa: E402
from scoring.services.rescoring import work_drain  # noqa: E402
from scoring.services.runs import runs_drain  # noqa: E402

LEADS, BATCH = 1_000, 500


def seconds(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def bare_insert(items: list[dict[str, object]]) -> None:
    """The least any storage must do: the same rows in multi-row inserts, committed a batch at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare (feed text, message_id text, kind text, occurred_at timestamptz, url text, subject text,"
            " UNIQUE (feed, message_id))"
        )
        for start in range(0, len(items), BATCH):
            rows = [
                (
                    "bare",
                    item["message_id"],
                    item["kind"],
                    item["occurred_at"],
                    item.get("url", ""),
                    item.get("subject", ""),
                )
                for item in items[start : start + BATCH]
            ]
            with transaction.atomic():
                execute_values(cursor.cursor, "INSERT INTO bare VALUES %s ON CONFLICT DO NOTHING", rows)


def record(items: list[dict[str, object]]) -> None:
    for start in range(0, len(items), BATCH):
        activities_record(feed="crm", items=items[start : start + BATCH])


def measured() -> list[tuple[str, float, str]]:
    rng, now = random.Random(7), datetime.now(UTC).replace(microsecond=0)
    invented = people(rng, LEADS, now)
    items = [item for lead in invented for item in activities(rng, lead, now)]
    ada = User.objects.create_user("ada@ours.example", name="Ada", role=Role.ADMINISTRATOR)
    version = version_create(
        model=model_create(slug="bench", name="Bench", by=ada), document=preset_document("b2b_saas"), by=ada
    )
    version_publish(version_id=version.pk, by=ada, reason="The bench begins")
    leads_upsert_many(feed="crm", items=[lead.values for lead in invented])
    bare = len(items) / seconds(lambda: bare_insert(items))
    stored = len(items) / seconds(lambda: record(items))
    waiting = Work.objects.values("lead").distinct().count()
    scored = waiting / seconds(work_drain)
    second = version_create(model=version.model, document={**preset_document("b2b_saas"), "name": "Two"}, by=ada)
    version_publish(version_id=second.pk, by=ada, reason="And again")
    again = waiting / seconds(runs_drain)
    compiled, today = compile_matrix(parse_matrix(version.document)), now.date()
    facts = [facts_on(each, as_of=today, zone=UTC) for each in facts_for_leads(range(1, LEADS + 1)).values()]
    alone = len(facts) / seconds(lambda: [evaluate(compiled, each, today) for each in facts])
    return [
        ("activities, bare multi-row insert", bare, "1.0"),
        ("activities stored by the service", stored, f"{bare / stored:.1f}"),
        ("leads judged by the engine alone", alone, "1.0"),
        ("leads scored from waiting work", scored, f"{alone / scored:.1f}"),
        ("leads scored again by a publication", again, f"{alone / again:.1f}"),
    ]


def main() -> None:
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        for name, speed, ratio in measured():
            print(f"{name:<40}{speed:>12,.0f} a second   ratio {ratio}")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
