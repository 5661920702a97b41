"""Where every address of the product begins; each floor owns its own."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from leadscore import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("crm.urls")),
    path("", include("scoring.urls")),
    path("", include("handoff.urls")),
    path("", include("insights.urls")),
    path("api/", include("leadscore.api_urls")),
]
handler404 = "leadscore.views.not_found"
handler500 = "leadscore.views.server_error"
