"""What imports ask of the floors above: whom an undo has to leave, and how many leads of a file would be handed off."""

from collections.abc import Callable, Collection

# Of these leads, which an import made, those that must stay.
Keeper = Callable[[Collection[int]], Collection[int]]
# How many of these leads, which the import with this id touched, would be handed off.
Estimator = Callable[[Collection[int], int], int]

_keepers: dict[str, Keeper] = {}
_estimators: list[Estimator] = []


def register_keeper(name: str, keep: Keeper) -> None:
    """Say which leads an undo must leave where they are: in `AppConfig.ready()`. The same name again replaces.

    Asked with the ids of leads that the import made and that are locked; answers those that somebody has worked with.
    """
    _keepers[name] = keep


def register_estimator(estimate: Estimator) -> None:
    """Say who tells how many hand-offs an import would open. One at a time: the last replaces.

    Asked inside a transaction that is rolled back, with the leads whose facts the first rows of the file changed.
    """
    _estimators[:] = [estimate]


def leads_kept(lead_ids: Collection[int]) -> dict[str, set[int]]:
    """Of these leads those that a floor above keeps, by the name under which it registered."""
    return {name: set(keep(lead_ids)) & set(lead_ids) for name, keep in _keepers.items()} if lead_ids else {}


def handoffs_estimated(lead_ids: Collection[int], import_id: int) -> int | None:
    """How many hand-offs these leads would open; None where nobody can tell."""
    return _estimators[0](lead_ids, import_id) if _estimators else None
