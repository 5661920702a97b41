"""Every page of this floor; each module of views names its own addresses. Signing in is allauth's."""

from django.urls import URLPattern

from accounts.views import audit, inviting, keys, people, profile, saved_views

urlpatterns: list[URLPattern] = [
    *people.urlpatterns,
    *inviting.urlpatterns,
    *profile.urlpatterns,
    *keys.urlpatterns,
    *audit.urlpatterns,
    *saved_views.urlpatterns,
]
