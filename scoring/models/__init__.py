from scoring.models.columns import ColumnGeneration, ScoreDistribution
from scoring.models.run import Run, RunRange
from scoring.models.score import Score, ScoredRange
from scoring.models.score_change import ScoreChange
from scoring.models.scoring_model import ScoringModel
from scoring.models.version import MatrixVersion, VersionEdit

__all__ = [
    "ColumnGeneration",
    "MatrixVersion",
    "Run",
    "RunRange",
    "Score",
    "ScoreChange",
    "ScoreDistribution",
    "ScoredRange",
    "ScoringModel",
    "VersionEdit",
]
