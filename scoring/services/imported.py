"""Which import alone brought a lead to be judged: what the change says, so that handoff can hold back what is no news."""

from collections.abc import Collection

from crm.models import Cause, Work


def imports_alone(lead_ids: Collection[int]) -> dict[int, int]:
    """By lead, the import to which all that waits of it belongs; a lead with anything else waiting is left out.

    Ask after the facts were read and before the work is deleted: whatever facts were seen has its row here still, also
    where another scorer has claimed it.
    """
    found: dict[int, set[int | None]] = {}
    rows = Work.objects.filter(lead__in=lead_ids).values_list("lead_id", "cause", "imported_by_id")
    for lead_id, cause, import_id in rows.order_by().distinct():
        found.setdefault(lead_id, set()).add(import_id if cause == Cause.IMPORTED else None)
    alone = {lead_id: next(iter(imports)) for lead_id, imports in found.items() if len(imports) == 1}
    return {lead_id: import_id for lead_id, import_id in alone.items() if import_id is not None}
