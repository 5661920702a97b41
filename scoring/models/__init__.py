from scoring.models.columns import ColumnGeneration, ScoreDistribution
from scoring.models.review import AcceptedFinding, PlannedPublication, SignOff, VersionReview
from scoring.models.run import Run, RunRange
from scoring.models.score import Score, ScoredRange
from scoring.models.score_change import ScoreChange
from scoring.models.scoring_model import ScoringModel
from scoring.models.shadow import Shadow, ShadowDay, ShadowLead
from scoring.models.together import AlignmentMeeting, Comment, MeetingParticipant, Presence
from scoring.models.version import MatrixVersion, VersionEdit

__all__ = [
    "AcceptedFinding",
    "AlignmentMeeting",
    "ColumnGeneration",
    "Comment",
    "MatrixVersion",
    "MeetingParticipant",
    "PlannedPublication",
    "Presence",
    "Run",
    "RunRange",
    "Score",
    "ScoreChange",
    "ScoreDistribution",
    "ScoredRange",
    "ScoringModel",
    "Shadow",
    "ShadowDay",
    "ShadowLead",
    "SignOff",
    "VersionEdit",
    "VersionReview",
]
