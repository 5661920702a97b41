from django.urls import path

from scoring.api.evaluate import EvaluateView
from scoring.api.runs import RunsView
from scoring.api.scores import LeadHistoryView, LeadScoreView, LeadTimelineView, ScoresView

urlpatterns = [
    path("leads/<int:pk>/score", LeadScoreView.as_view(), name="api-lead-score"),
    path("leads/<int:pk>/timeline", LeadTimelineView.as_view(), name="api-lead-timeline"),
    path("leads/<int:pk>/history", LeadHistoryView.as_view(), name="api-lead-history"),
    path("scores", ScoresView.as_view(), name="api-scores"),
    path("runs", RunsView.as_view(), name="api-runs"),
    path("evaluate", EvaluateView.as_view(), name="api-evaluate"),
]
