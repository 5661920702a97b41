from django.urls import path

from handoff.api.handoffs import TEXT_KEYS, HandoffMoveView, QueueView, ReasonsView

urlpatterns = [
    path("queue", QueueView.as_view(), name="api-queue"),
    path("reasons", ReasonsView.as_view(), name="api-reasons"),
    *(
        path(f"handoffs/<int:pk>/{move}", HandoffMoveView.as_view(move=move), name=f"api-handoff-{move}")
        for move in TEXT_KEYS
    ),
]
