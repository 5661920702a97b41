"""Leads that are looked at as scorers look at them."""

from crm.models import Lead, LeadTouch, Work
from crm.services.leads import lead_upsert
from crm.services.work import work_delete


def everybody() -> list[int]:
    return list(Lead.objects.order_by("pk").values_list("pk", flat=True))


def drain() -> None:
    """As a scorer does: what waits is looked at and leaves touches."""
    work_delete(ids=list(Work.objects.values_list("pk", flat=True)))


def lead(name: str, **values: object) -> Lead:
    made = lead_upsert(feed="crm", values={"external_id": name, "email": f"{name}@{name}.example", **values}).lead
    forget()
    return made


def forget() -> None:
    """What is looked at by now is committed; a transaction elsewhere in the cluster would else keep it touched."""
    drain()
    LeadTouch.objects.all().delete()
