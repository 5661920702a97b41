"""Whether what is stored, by whichever way it came there, is what the engine says: mismatches, of which there are to be none."""

from collections.abc import Sequence

from django.db.models import Count

from bench.figures import Figure
from bench.scale import Scale
from bench.world import model
from crm.models import Work
from scoring.checking import scores_check
from scoring.models import RunRange
from scoring.services.rescoring import work_drain


def measure(scale: Scale) -> Sequence[Figure]:
    model()
    work_drain()
    report = scores_check(sample=scale.checked)
    for each in report.differences[:5]:
        print(f"  {each}")
    ways = dict(RunRange.objects.exclude(way="").values_list("way").annotate(Count("pk")))
    said = ", ".join(f"{many} by {way}" for way, many in sorted(ways.items())) or "all by the engine"
    note = f"{report.leads:,} leads{'' if scale.checked else ' (all)'}, {report.scores:,} scores; ranges judged: {said}"
    if Work.objects.exists() or report.waiting:
        note += f"; {report.waiting} leads waited and were not compared"
    title = "mismatches between bulk, engine and stored scores"
    return [
        Figure(
            key="mismatches",
            title=title,
            unit="leads",
            runs=[len({each.lead_id for each in report.differences})],
            note=note,
        )
    ]
