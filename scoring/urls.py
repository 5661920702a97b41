from django.urls import URLPattern, URLResolver, path

from scoring import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/", views.leads, name="leads"),
    path("runs/progress/", views.run_progress, name="run-progress"),
]
