"""Where every address of the product begins; each floor owns its own."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog

from leadscore import leaving_page, views

# Unfold's own sign-in drops `next`; allauth's keeps it, and its limits and second factor hold for the admin too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
admin.site.index_title = _("Records")
# What others register (sign-in internals, schedules) is nothing to edit by hand: the admin shows our records only.
for model in list(admin.site._registry):
    if model._meta.app_label not in {"accounts", "crm", "scoring", "handoff", "insights"}:
        admin.site.unregister(model)

urlpatterns = [
    path("", views.home, name="home"),
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("demo/sign-in", views.demo_sign_in, name="demo-sign-in"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("", include("leadscore.first_run.urls")),
    path("", include("leadscore.styleguide")),
    path("people/<int:pk>/leave/", leaving_page.leave, name="person-leave"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    # The address somebody signs in with is an administrator's to say.
    path("accounts/email/", views.nothing_here, name="account_email"),
    path("accounts/", include("allauth.urls")),
    # Before the admin, which answers for all below its address.
    path("admin/workbench/", include("scoring.workbench.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("crm.urls")),
    path("", include("scoring.urls")),
    path("", include("handoff.urls")),
    path("", include("insights.urls")),
    path("api/", include("leadscore.api_urls")),
]
handler400 = "leadscore.views.bad_request"
handler403 = "leadscore.views.not_allowed"
handler404 = "leadscore.views.not_found"
handler500 = "leadscore.views.server_error"
