"""Who the listed leads are. A preview itself holds ids only: what a name is, and who may read it, is asked at the door."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.models import Lead
from crm.visibility import leads_visible_to
from scoring.preview.answer import Preview


def names_for(user: User, preview: Preview) -> dict[int, str]:
    """The listed leads that this person may see, by id; others are left out, and names are empty for who sees no
    personal data."""
    return _names(preview, leads_visible_to(user), is_masked=not sees_personal_data(user.role))


def names_for_operator(preview: Preview) -> dict[int, str]:
    """All listed leads, for whoever runs the installation."""
    return _names(preview, Lead.objects.filter(merged_into=None), is_masked=False)


def _names(preview: Preview, visible: QuerySet[Lead], *, is_masked: bool) -> dict[int, str]:
    leads = visible.filter(pk__in=preview.lead_ids()).only("first_name", "last_name", "email")
    return {lead.pk: "" if is_masked else str(lead) for lead in leads}
