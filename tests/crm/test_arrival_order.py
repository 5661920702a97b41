"""In whatever order, batches and repeats activities arrive, the same facts are known in the end."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Activity, Lead, Quarantine, Work
from crm.queries import facts_for_leads
from crm.services.activities import activities_record

ITEMS = [
    {
        "message_id": f"m{number}",
        "kind": ("page_view", "download", "email_click")[number % 3],
        "occurred_at": f"2026-03-{number % 9 + 1:02}T10:00:00Z",
        "url": f"/page{number % 4}",
        **({"lead": {"email": f"p{number % 3}@acme.example"}} if number % 4 else {"visitor": f"v{number % 3}"}),
    }
    for number in range(12)
] + [
    {
        "message_id": f"known{number}",
        "kind": "form_submit",
        "occurred_at": "2026-03-05T10:00:00Z",
        "lead": {"email": f"p{number}@acme.example"},
        "visitor": f"v{number}",
    }
    for number in range(3)
]


def facts_after(batches):
    """What is known of each person once the batches are in; the tables are empty again afterwards."""
    for batch in batches:
        results = activities_record(feed="web", items=batch)
        assert {result.status for result in results} <= {"accepted", "duplicate"}
    leads = dict(Lead.objects.values_list("email", "pk"))
    found = facts_for_leads(leads.values())
    known = {email: found[lead_id].facts for email, lead_id in leads.items()}
    assert Activity.objects.count() == len(ITEMS)
    assert not Quarantine.objects.exists()
    assert set(Work.objects.values_list("lead", flat=True)) == set(leads.values())
    Lead.objects.all().delete()
    return known


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(
    order=st.permutations(range(len(ITEMS))),
    repeats=st.lists(st.integers(0, len(ITEMS) - 1), max_size=10),
    cuts=st.sets(st.integers(1, len(ITEMS) + 9), max_size=6),
)
def test_any_order_batching_and_repetition_ends_in_the_same_facts(order, repeats, cuts):
    sent = [ITEMS[index] for index in [*order, *repeats]]
    edges = [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
    batches = [sent[start:end] for start, end in pairwise(edges)]

    assert facts_after(batches) == facts_after([ITEMS])
