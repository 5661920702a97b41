from django.urls import URLPattern, URLResolver, path

from scoring import panels, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/", views.leads, name="leads"),
    path("leads/export/", views.leads_export, name="leads-export"),
    path("leads/<int:pk>/score/", panels.lead_score, name="lead-score"),
    path("leads/<int:pk>/card/", panels.lead_card, name="lead-card"),
    path("leads/<int:pk>/next/", panels.lead_next, name="lead-next"),
    path("leads/<int:pk>/timeline/", panels.lead_timeline, name="lead-timeline"),
    path("leads/<int:pk>/history/", panels.lead_history, name="lead-history"),
    path("leads/<int:pk>/colleagues/", panels.lead_colleagues, name="lead-colleagues"),
    path("companies/<int:pk>/people/", panels.company_people, name="company-people"),
    path("runs/progress/", views.run_progress, name="run-progress"),
]
