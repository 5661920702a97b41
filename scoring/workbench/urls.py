from django.urls import URLPattern

from scoring.workbench import (
    alignment,
    comments,
    compare,
    criterion,
    edits,
    findings,
    impact,
    log,
    models,
    page,
    review,
    shadow,
    testing,
)

urlpatterns: list[URLPattern] = [
    *models.urlpatterns,
    *page.urlpatterns,
    *log.urlpatterns,
    *edits.urlpatterns,
    *criterion.urlpatterns,
    *impact.urlpatterns,
    *testing.urlpatterns,
    *findings.urlpatterns,
    *comments.urlpatterns,
    *review.urlpatterns,
    *compare.urlpatterns,
    *shadow.urlpatterns,
    *alignment.urlpatterns,
]
