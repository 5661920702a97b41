from django.urls import path

from handoff.api.handoffs import (
    HandoffAcceptView,
    HandoffClaimView,
    HandoffRejectView,
    HandoffReleaseView,
    QueueView,
    ReasonsView,
)

urlpatterns = [
    path("queue", QueueView.as_view(), name="api-queue"),
    path("reasons", ReasonsView.as_view(), name="api-reasons"),
    path("handoffs/<int:pk>/claim", HandoffClaimView.as_view(), name="api-handoff-claim"),
    path("handoffs/<int:pk>/release", HandoffReleaseView.as_view(), name="api-handoff-release"),
    path("handoffs/<int:pk>/accept", HandoffAcceptView.as_view(), name="api-handoff-accept"),
    path("handoffs/<int:pk>/reject", HandoffRejectView.as_view(), name="api-handoff-reject"),
]
