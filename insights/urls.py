from django.urls import URLPattern, URLResolver, path

from insights import comparison_panel, outcomes_panel, shadow_panel

urlpatterns: list[URLPattern | URLResolver] = [
    path("insights/versions/<int:pk>/baseline/", comparison_panel.baseline, name="publication-baseline"),
    path("insights/shadows/<int:pk>/fates/", shadow_panel.fates, name="shadow-fates"),
    path("insights/versions/<int:pk>/outcomes/", outcomes_panel.workbench_outcomes, name="workbench-outcomes"),
]
