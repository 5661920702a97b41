"""Hold a preview against the scores that publishing its document then leaves behind."""

from collections import Counter
from collections.abc import Mapping

from scoring.models import MatrixVersion, Score, ScoringModel
from scoring.preview import Preview
from scoring.preview.comparing import Crossing, Flow

Scores = Mapping[int, Score]


def scores_of(model: ScoringModel) -> Scores:
    return {each.lead_id: each for each in Score.objects.filter(model=model)}


def _stage(scores: Scores, lead_id: int) -> str | None:
    return scores[lead_id].stage if lead_id in scores else None


def _listed(crossing: Crossing) -> list[int]:
    assert crossing.count == len(crossing.leads)
    return [lead.lead_id for lead in crossing.leads]


def _best_first(lead_ids: set[int], scores: Scores) -> list[int]:
    return sorted(lead_ids, key=lambda each: (-scores[each].total, each))


def _assert_flow(flow: Flow, was: set[int], becomes: set[int], before: Scores, after: Scores) -> None:
    assert _listed(flow.entering) == _best_first(becomes - was, after)
    assert _listed(flow.leaving) == _best_first(was - becomes, before)
    for lead in (*flow.entering.leads, *flow.leaving.leads):
        for scores, said in (
            (before, (lead.total_before, lead.rating_before, lead.stage_before)),
            (after, (lead.total_after, lead.rating_after, lead.stage_after)),
        ):
            score = scores.get(lead.lead_id)
            assert said == ((score.total, score.rating, score.stage) if score else (None, None, None))


def assert_true(preview: Preview, before: Scores, after: Scores, version: MatrixVersion) -> None:
    """Every list, table and count of a preview with all names."""
    found = preview.figures
    assert found is not None, preview.state
    everybody = before.keys() | after.keys()
    assert (found.scored.before, found.scored.after) == (len(before), len(after))

    moves = Counter((_stage(before, each), _stage(after, each)) for each in everybody)
    said = {(row, column): count for row, column, count in found.stage_table.cells() if (row, column) != (None, None)}
    assert said == dict(moves)
    ratings = Counter(
        tuple(scores[each].rating if each in scores else None for scores in (before, after)) for each in everybody
    )
    assert ratings == {cell[:2]: cell[2] for cell in found.rating_table.cells() if cell[:2] != (None, None)}
    assert sum(sum(row) for row in found.stage_table.leads) == preview.leads

    for stage in found.stages:
        was, becomes = ({each for each in scores if scores[each].stage == stage.key} for scores in (before, after))
        assert (stage.before, stage.after) == (len(was), len(becomes))
        _assert_flow(stage.flow, was, becomes, before, after)
    assert {each["key"] for each in version.document["stages"]} <= {stage.key for stage in found.stages}
    was, becomes = ({each for each in scores if scores[each].is_qualified} for scores in (before, after))
    assert (found.qualified.before, found.qualified.after) == (len(was), len(becomes))
    _assert_flow(found.qualified.flow, was, becomes, before, after)

    load = {each.owner_id: (each.before, each.after) for each in found.load}
    owned = [Counter(each.owner_id for each in scores.values() if each.is_qualified) for scores in (before, after)]
    assert load == {owner: (owned[0][owner], owned[1][owner]) for owner in owned[0] | owned[1]}
    for name, pair in (("is_disqualified", found.disqualified), ("is_fast_tracked", found.fast_tracked)):
        counts = [sum(getattr(each, name) for each in scores.values()) for scores in (before, after)]
        assert [pair.before, pair.after] == counts

    bins = found.distribution
    for counts, scores in ((bins.before, before), (bins.after, after)):
        where = Counter((each.total - bins.start) // bins.width for each in scores.values())
        assert dict(where) == {at: count for at, count in enumerate(counts) if count}
