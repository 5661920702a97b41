"""Mistakes to plant in the write path, each as small changes of text, and the test that must notice.

Each is one that somebody could make in good faith, and most leave every score right until two things happen at once.
"""

from dataclasses import dataclass

RACES = "tests/scoring/test_closed_races.py::"
REASONS = "tests/scoring/test_reasons.py::"
RUNS = "tests/scoring/test_runs.py::"
BULK_RUNS = "tests/scoring/test_bulk_runs.py::"
BULK_RACES = "tests/scoring/test_bulk_races.py::"


@dataclass(frozen=True, kw_only=True)
class Change:
    """In `file`, the one place that reads `before` reads `after`."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`test` must fail once the changes are made. `alters_tables` needs a database of its own."""

    name: str
    changes: tuple[Change, ...]
    test: str
    alters_tables: bool = False


def rescoring(before: str, after: str) -> Change:
    return Change(file="scoring/services/rescoring.py", before=before, after=after)


def runs(before: str, after: str) -> Change:
    return Change(file="scoring/services/runs.py", before=before, after=after)


def range_judging(before: str, after: str) -> Change:
    return Change(file="scoring/services/range_judging.py", before=before, after=after)


def score_rows(before: str, after: str) -> Change:
    return Change(file="scoring/services/score_rows.py", before=before, after=after)


WORK_DELETED_BY_ID = "    work_delete(ids=[work.pk for work in works if work.lead_id not in unsettled])\n"
LEADS_LOCKED = '    list(Lead.objects.filter(pk__in=done.lead_ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))\n'
SCORES_LOCKED = "    stored = {(each.lead_id, each.model_id): each for each in scores_lock(lead_ids=done.lead_ids)}\n"
FACTS_READ = "    facts = facts_for_leads(done.lead_ids)\n"
JUDGE_WAITING = """@transaction.atomic
def _judge_waiting(done: _Batch, *, limit: int) -> None:
    current_versions_hold()
    judges = judges_now()
    # With each lead all that waits of it: a burst of a hundred activities is judged once.
    first = work_claim(limit=limit)
    works = work_claim(limit=None, lead_ids={work.lead_id for work in first}) if first else []
    if works:
        _judge(works, judges, done)
"""

MUTANTS = (
    Mutant(
        name="work is deleted by lead",
        changes=(rescoring(WORK_DELETED_BY_ID, "    Work.objects.filter(lead__in=judged).delete()\n"),),
        test=f"{RACES}test_work_that_comes_in_while_its_lead_is_judged_stays",
    ),
    Mutant(
        name="facts are read before the lead is locked",
        changes=(rescoring(LEADS_LOCKED + SCORES_LOCKED + FACTS_READ, FACTS_READ + LEADS_LOCKED + SCORES_LOCKED),),
        test=f"{RACES}test_facts_are_read_after_the_lead_is_locked",
    ),
    Mutant(
        name="the lead is not locked",
        changes=(rescoring(LEADS_LOCKED + SCORES_LOCKED + FACTS_READ, FACTS_READ + SCORES_LOCKED),),
        test=f"{RACES}test_facts_are_read_after_the_lead_is_locked",
    ),
    Mutant(
        name="no unique index keeps a message from being stored twice",
        changes=(
            Change(file="crm/ingestion/insert.py", before="ON CONFLICT (feed, message_id) DO NOTHING\n", after=""),
            Change(
                file="crm/migrations/0001_initial.py",
                before="models.UniqueConstraint(fields=('feed', 'message_id'), name='activity_message_once')",
                after="",
            ),
        ),
        test=f"{RACES}test_the_same_message_sent_twice_at_once_counts_once",
        alters_tables=True,
    ),
    Mutant(
        name="points are added to the total instead of evaluating",
        changes=(
            Change(
                file="scoring/services/verdicts.py",
                before="after=_values(judge, card, facts), card=card)",
                after="after=_added(before, _values(judge, card, facts)), card=card)",
            ),
            Change(
                file="scoring/services/verdicts.py",
                before="def _text_of(",
                after=(
                    "def _added(before: StoredScore | None, after: ScoreValues | None) -> ScoreValues | None:\n"
                    "    from dataclasses import replace\n\n"
                    "    if before is None or after is None:\n"
                    "        return after\n"
                    "    return replace(after, total=before.values.total + after.behavior)\n\n\n"
                    "def _text_of("
                ),
            ),
        ),
        test=f"{REASONS}test_a_withdrawn_activity_takes_its_points_back",
    ),
    Mutant(
        name="work is acknowledged before the scores are committed",
        changes=(
            rescoring(
                JUDGE_WAITING,
                """def _judge_waiting(done: _Batch, *, limit: int) -> None:
    with transaction.atomic():
        works = work_claim(limit=limit)
        work_delete(ids=[work.pk for work in works])
    with transaction.atomic():
        current_versions_hold()
        if works:
            _judge(works, judges_now(), done)
""",
            ),
        ),
        test=f"{RACES}test_a_scorer_killed_anywhere_loses_nothing_and_doubles_nothing",
    ),
    Mutant(
        name="bulk writes over a newer revision",
        changes=(
            Change(
                file="scoring/services/score_columns_writing.py",
                before="    WHERE s.id = v.id AND s.revision = v.revision\n    RETURNING s.lead_id, v.cause,\n",
                after="    WHERE s.id = v.id\n    RETURNING s.lead_id, v.cause,\n",
            ),
        ),
        test=f"{RACES}test_bulk_never_writes_over_what_was_judged_meanwhile",
    ),
    Mutant(
        name="what moved under a bulk run is not judged again",
        changes=(range_judging("    if again:\n", "    if not again:\n"),),
        test=f"{RUNS}test_a_score_judged_since_the_snapshot_is_left_alone_and_judged_again_singly",
    ),
    Mutant(
        name="work that another scorer holds is waited for",
        changes=(
            Change(
                file="crm/services/work.py",
                before="select_for_update(skip_locked=True)",
                after="select_for_update()",
            ),
        ),
        test=f"{RACES}test_two_scorers_share_the_work_and_wait_for_nobody",
    ),
    Mutant(
        name="the bell rings and no row says why",
        changes=(
            Change(
                file="crm/services/work.py",
                before="    Work.objects.bulk_create(rows, batch_size=1_000)\n",
                after="    transaction.on_commit(lambda: Work.objects.bulk_create(rows, batch_size=1_000))\n",
            ),
        ),
        test=f"{REASONS}test_an_activity_that_comes_in_adds_its_points",
    ),
    Mutant(
        name="a publication does not wait for those who judge",
        changes=(
            Change(file="scoring/services/publication.py", before="        current_versions_switch()\n", after=""),
        ),
        test=f"{RACES}test_a_publication_waits_for_all_who_judge",
    ),
    Mutant(
        name="the version is asked for before it is held",
        changes=(
            rescoring(
                JUDGE_WAITING,
                JUDGE_WAITING.replace(
                    "    current_versions_hold()\n    judges = judges_now()\n",
                    "    judges = judges_now()\n    current_versions_hold()\n",
                ),
            ),
        ),
        test=f"{RACES}test_a_scorer_asks_for_the_version_after_it_holds_it",
    ),
    Mutant(
        name="a day begins under those who judge",
        changes=(runs("    current_versions_switch()\n    # Asked again", "    # Asked again"),),
        test=f"{RACES}test_a_day_does_not_begin_under_a_scorer",
    ),
    Mutant(
        name="an equal score keeps its old version and day on the event path",
        changes=(
            rescoring(
                "    written = [each for each in verdicts if not each.is_current]\n",
                "    written = [each for each in verdicts if not each.is_equal]\n",
            ),
        ),
        test=f"{RUNS}test_the_event_path_writes_the_rows_own_version_and_day_even_where_the_score_is_equal",
    ),
    Mutant(
        name="bulk does not lock leads that have no score",
        changes=(
            Change(
                file="scoring/services/range_by_engine.py", before="    if lead_ids:\n", after="    if not lead_ids:\n"
            ),
        ),
        test=f"{RACES}test_a_lead_without_a_score_cannot_leave_the_segment_under_a_bulk_run",
    ),
    Mutant(
        name="what was touched since is judged from the file",
        changes=(
            range_judging(
                "    touched = leads_touched(generation, lead_from=bounds[0], lead_to=bounds[1])\n",
                "    touched = np.zeros(0, np.int64)\n",
            ),
        ),
        test=f"{BULK_RUNS}test_what_was_touched_since_the_file_is_read_afresh",
    ),
    Mutant(
        name="nobody looks for touches again under the locks",
        changes=(
            range_judging(
                "        late = np.intersect1d(newcomers, leads_touched(generation, lead_from=bounds[0], lead_to=bounds[1]))\n",
                "        late = newcomers[:0]\n",
            ),
        ),
        test=f"{BULK_RACES}test_a_lead_that_leaves_the_segment_before_it_is_locked_or_written_gets_no_score",
    ),
    Mutant(
        name="bulk writes changes as if the row alone said what it stood for",
        changes=(
            Change(
                file="scoring/services/score_columns.py",
                before="        said_on[start:stop][is_range] = range_day\n",
                after="",
            ),
        ),
        test=f"{BULK_RUNS}test_a_change_made_in_bulk_reads_as_one_made_by_the_engine",
    ),
    Mutant(
        name="a locked score is read by the statement that waited for it",
        changes=(
            score_rows(
                "    _rows(_LOCK_OF_LEADS, [list(lead_ids)])\n    return scores_of_leads(lead_ids=lead_ids)\n",
                '    locked = f"{_OF_LEADS} ORDER BY s.lead_id, s.model_id FOR NO KEY UPDATE OF s"\n'
                "    return [_stored(row) for row in _rows(locked, [list(lead_ids)])]\n",
            ),
            rescoring(".difference(each.lead_id for each in held)", ".difference(each.lead_id for each in written)"),
        ),
        test=f"{RACES}test_a_scorer_that_waited_for_bulk_sees_what_bulk_wrote",
    ),
    Mutant(
        name="a range says it is done in a transaction of its own",
        changes=(
            runs(
                "    report = range_judge(\n",
                "    _speak_for(claimed)\n"
                "    claimed.done_at = timezone.now()\n"
                '    claimed.save(update_fields=["done_at"])\n'
                "    with connection.cursor() as cursor:\n"
                '        cursor.execute("COMMIT; BEGIN; SAVEPOINT s")\n'
                "    report = range_judge(\n",
            ),
        ),
        test=f"{RACES}test_a_bulk_range_killed_anywhere_loses_nothing_and_doubles_nothing",
    ),
)
