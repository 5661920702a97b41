"""What is usually done instead: a Celery task for each event that looks its lead up, evaluates and writes.

Served by a Celery worker that includes this module. It uses the product's own engine, queries and locks, so that the two
ways differ in nothing but how many leads are judged in one transaction.
"""

from django.db import connection, transaction

from crm.models import Lead
from crm.queries import facts_for_leads
from leadscore.celery import app
from scoring.services.locks import current_versions_hold
from scoring.services.score_rows import scores_lock
from scoring.services.verdicts import judges_now, verdict, verdicts_write

QUEUE = "bench-task-per-event"
# A sequence counts the tasks that are done: it costs a task a tenth of a millisecond and holds no lock.
COUNTER = "bench_done"


@app.task(name="bench.judge", ignore_result=True)
@transaction.atomic
def judge(lead_id: int) -> None:
    current_versions_hold()
    list(Lead.objects.select_for_update(no_key=True).filter(pk=lead_id).values_list("pk"))
    before = {(each.lead_id, each.model_id): each for each in scores_lock(lead_ids=[lead_id])}
    facts = facts_for_leads([lead_id]).get(lead_id)
    said = [
        verdict(judge=each, lead_id=lead_id, facts=facts, before=before.get((lead_id, each.model_id)))
        for each in judges_now()
    ]
    causes = {lead_id: ["activity"]}
    verdicts_write([each for each in said if not each.is_current], causes=causes, imports={})
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [COUNTER])
