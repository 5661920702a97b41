from django.urls import URLPattern

from scoring.workbench import (
    alignment,
    comments,
    compare,
    criterion,
    edits,
    findings,
    impact,
    page,
    review,
    shadow,
    testing,
)

urlpatterns: list[URLPattern] = [
    *page.urlpatterns,
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
