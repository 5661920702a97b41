"""What this floor puts into the floors below: its panels on the lead page, and how a score is tried again."""

from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.notifications import NotificationKind
from accounts.notifications import register as register_kind
from crm.models import Quarantine
from crm.services.quarantine import register_replay
from kernel.slots import Panel, register
from scoring.services import commenting, telling
from scoring.services.poison import score_replay
from scoring.wording import told


def _score_again(item: Quarantine, by: User) -> bool:
    """The row settles itself once the lead could be judged."""
    score_replay(quarantine_id=item.pk, by=by)
    return False


register_replay("score", _score_again)

register(Panel(slot="lead.header", name="lead-score", url_name="lead-score", is_eager=True))
register(Panel(slot="lead.main", name="lead-card", url_name="lead-card", order=10, is_eager=True))
register(Panel(slot="lead.main", name="lead-history", url_name="lead-history", order=20))
register(Panel(slot="lead.main", name="lead-timeline", url_name="lead-timeline", order=30))
register(Panel(slot="lead.side", name="lead-next", url_name="lead-next", order=20))
register(Panel(slot="lead.end", name="lead-colleagues", url_name="lead-colleagues"))
register(Panel(slot="company.people", name="company-people", url_name="company-people", is_eager=True))

for key, label, wording, is_emailed in (
    (telling.SUBMITTED, gettext_lazy("A matrix waits for my signature"), told.submitted_told, True),
    (telling.SIGNED, gettext_lazy("A matrix of mine was signed"), told.signed_told, False),
    (telling.PUBLISHED, gettext_lazy("A matrix was published"), told.published_told, False),
    (telling.REFUSED, gettext_lazy("A publication that I planned did not happen"), told.refused_told, True),
    (telling.REVIEW_DUE, gettext_lazy("A published matrix is due for review"), told.review_due_told, True),
    (commenting.MENTIONED, gettext_lazy("Somebody mentioned me in a comment"), told.mentioned_told, True),
    (commenting.REPLIED, gettext_lazy("Somebody wrote in a thread or about a draft of mine"), told.replied_told, False),
):
    register_kind(NotificationKind(key=key, label=label, wording=wording, is_emailed=is_emailed, order=40))
