"""What this floor puts into the floors below: its panels on the lead page, and how a score is tried again."""

from accounts.models import User
from crm.models import Quarantine
from crm.services.quarantine import register_replay
from kernel.slots import Panel, register
from scoring.services.poison import score_replay


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
