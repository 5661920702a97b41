"""The question: what would this document change, were it published now?"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.queries import engine_kinds
from kernel.errors import InvalidError
from scoring.bell import columns_ring
from scoring.engine import compile_matrix
from scoring.loader import compiled_version
from scoring.models import MatrixVersion, Run, ScoringModel
from scoring.preview.answer import Figures, Preview
from scoring.preview.background import measuring_start
from scoring.preview.figures import figures_of
from scoring.preview.plan import Plan, nobody_under, plan_of
from scoring.preview.population import Population, UnitsLostError, population_forget, population_now
from scoring.services.matrices import matrix_checked

#: Leads listed by name for each line, unless asked otherwise.
NAMES: Final = 50
# A file may be replaced while it is asked.
_ATTEMPTS: Final = 3
# The last answers of this process: of one draft a page asks for several parts, each with the same figures.
_KEPT_ANSWERS: Final = 8

Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A draft held against the published version over one population, everything measured. Work on it under the
    population's lock."""

    population: Population
    before: Plan
    after: Plan

    @property
    def key(self) -> Hashable:
        """Equal where every figure and every name of a criterion or stage is."""
        return (
            self.population.serial,
            *((plan.compiled.checksum, plan.as_of, plan.key) for plan in (self.before, self.after)),
        )


def preview(
    *,
    model: ScoringModel,
    document: object,
    names: int | None = NAMES,
    is_waiting: bool = False,
    is_fresh: bool = False,
) -> Preview:
    """What the document would change for every lead, held against the model's published version.

    `names` is how many leads are listed for each line, best first, None for all; the counts are always whole. Criteria that
    nobody has measured yet are measured in the background and named in the answer, which has no figures then: ask again; or
    wait for them with `is_waiting`. Leads touched since the column file are as they were at most two seconds ago, with
    `is_fresh` as they are now. Raises InvalidError with every problem of the document.
    """
    said, figures = held_against(
        model=model,
        document=document,
        answer=lambda held: figures_held(held, names),
        is_waiting=is_waiting,
        is_fresh=is_fresh,
    )
    return replace(said, figures=figures)


def held_against(
    *,
    model: ScoringModel,
    document: object,
    answer: Callable[[Held], Made],
    is_waiting: bool = False,
    is_fresh: bool = False,
) -> tuple[Preview, Made | None]:
    """What `answer` makes of the draft held against the published version, under the population's lock; None until that
    is ready, which the preview beside it says. The rest as `preview`."""
    compiled = compile_matrix(matrix_checked(document))
    kinds = engine_kinds()
    after = plan_of(compiled, timezone.now().astimezone(compiled.zone).date(), kinds)
    published = MatrixVersion.objects.filter(model=model, state=MatrixVersion.State.PUBLISHED).defer("document").first()
    before = nobody_under(after) if published is None else plan_published(published, kinds)
    said = Preview(
        state="preparing", model=model.slug, as_of=after.as_of, published=published.number if published else None
    )
    for _attempt in range(_ATTEMPTS):
        population = population_now(is_fresh=is_fresh)
        if population is None:
            columns_ring()
            break
        if population.behind:
            columns_ring()
        said = replace(said, leads=len(population), behind=population.behind)
        measuring = measure(population, (before, after), kinds, is_waiting=is_waiting)
        if measuring:
            return replace(said, state="measuring", measuring=_keys(after, measuring)), None
        try:
            with population.lock:
                made = answer(Held(population=population, before=before, after=after))
        except UnitsLostError:
            population_forget()
        except OverflowError as error:
            raise InvalidError(
                _("These points are too many for what is counted: set a count, or lower the points."),
                code="too_many_points",
            ) from error
        else:
            return replace(said, state="ready"), made
    return said, None


_answers: OrderedDict[Hashable, Figures] = OrderedDict()


def figures_held(held: Held, names: int | None) -> Figures:
    """The figures of an answer, kept for whoever asks the same next, but for those with everybody's names.

    Asked under the population's lock, so that who asks at the same time waits for the first instead of working beside it.
    """
    key = (held.key, names)
    found = _answers.get(key)
    if found is None:
        found = figures_of(held.population, held.before, held.after, names=names)
        if names is not None:
            _answers[key] = found
            while len(_answers) > _KEPT_ANSWERS:
                _answers.popitem(last=False)
    return found


def plan_published(published: MatrixVersion, kinds: frozenset[str]) -> Plan:
    """On the day its scores are of: today in its zone, or the day of its last run if a clock is behind."""
    compiled = compiled_version(version_id=published.pk, checksum=published.checksum)
    today = timezone.now().astimezone(compiled.zone).date()
    run_as_of = Run.objects.filter(version=published).aggregate(last=Max("as_of"))["last"]
    return plan_of(compiled, max(today, run_as_of or today), kinds)


def measure(
    population: Population, plans: tuple[Plan, ...], kinds: frozenset[str], *, is_waiting: bool
) -> frozenset[str]:
    """Measure what is missing, at once or beside this; answers the fingerprints that are still to come."""
    measuring: set[str] = set()
    main, fresh = population.main.source, population.fresh
    for plan in plans:
        missing = population.unmeasured(plan)
        if missing and (is_waiting or population.is_read):
            main.measure(plan.compiled, plan.as_of, kinds)
        elif missing:
            measuring_start(main, plan.compiled, plan.as_of, kinds, missing)
            measuring.update(missing)
        if fresh is not None:
            with population.lock:
                fresh.source.measure(plan.compiled, plan.as_of, kinds)
    return frozenset(measuring)


def _keys(plan: Plan, fingerprints: frozenset[str]) -> tuple[str, ...]:
    """The draft's criteria among these; with `applies_to` where that is counted. Of the published version's none."""
    keys = [part.key for part in plan.parts if part.fingerprint in fingerprints]
    return (*keys, *(("applies_to",) if plan.applying in fingerprints else ()))
