"""Every page of this floor; each module of views names its own addresses."""

from django.urls import URLPattern

from crm.views import companies, company_edit, duplicates, excluded, facts, facts_history, imports, lead, merging, notes

urlpatterns: list[URLPattern] = [
    *lead.urlpatterns,
    *facts.urlpatterns,
    *facts_history.urlpatterns,
    *notes.urlpatterns,
    *companies.urlpatterns,
    *company_edit.urlpatterns,
    *duplicates.urlpatterns,
    *merging.urlpatterns,
    *excluded.urlpatterns,
    *imports.urlpatterns,
]
