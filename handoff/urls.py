from django.urls import URLPattern, URLResolver, path

from handoff import release_panels, views, workbench_panel
from handoff.lifecycle import Move

urlpatterns: list[URLPattern | URLResolver] = [
    path("queue/", views.queue, name="queue"),
    path("queue/rows/", views.queue_rows, name="queue-rows"),
    path("leads/<int:pk>/handoff/", views.lead_handoff, name="lead-handoff"),
    path("workbench/<int:pk>/load/", workbench_panel.workbench_load, name="workbench-load"),
    path("imports/<int:pk>/handoffs/", release_panels.import_handoffs, name="import-handoffs"),
    path("imports/<int:pk>/handoffs/release/", release_panels.import_handoffs_release, name="import-handoffs-release"),
    path("versions/<int:pk>/handoffs/", release_panels.version_handoffs, name="version-handoffs"),
    path(
        "versions/<int:pk>/handoffs/release/", release_panels.version_handoffs_release, name="version-handoffs-release"
    ),
    path("handoffs/<int:pk>/reject/", views.reject, name="handoff-reject"),
    *(
        path(f"handoffs/<int:pk>/{move}/", views.decide, {"move": move}, name=f"handoff-{move}")
        for move in (Move.CLAIM, Move.RELEASE, Move.ACCEPT)
    ),
]
