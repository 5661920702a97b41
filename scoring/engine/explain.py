"""The two questions asked of the engine on demand: what the coming days bring, and what holds a lead back."""

from scoring.engine.forecast import Forecast, Outlook, StageMove, forecast
from scoring.engine.why_not import (
    CriterionUnmet,
    Disqualified,
    FactUnknown,
    GradeNeeded,
    LevelNeeded,
    NotScored,
    Obstacle,
    PointsShort,
    WhyNot,
    why_not,
)

__all__ = [
    "CriterionUnmet",
    "Disqualified",
    "FactUnknown",
    "Forecast",
    "GradeNeeded",
    "LevelNeeded",
    "NotScored",
    "Obstacle",
    "Outlook",
    "PointsShort",
    "StageMove",
    "WhyNot",
    "forecast",
    "why_not",
]
