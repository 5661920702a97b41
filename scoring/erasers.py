"""What an erased person leaves on this floor: nothing."""

from crm.services.erasure import register_eraser
from scoring.models import Score, ScoreChange, ShadowLead


def scores_erase(lead_id: int) -> None:
    """Delete the scores of a lead and all that was ever said of it, by shadows too."""
    Score.objects.filter(lead=lead_id).delete()
    ScoreChange.objects.filter(lead=lead_id).delete()
    ShadowLead.objects.filter(lead=lead_id).delete()


register_eraser("scores", (Score, ScoreChange, ShadowLead), scores_erase)
