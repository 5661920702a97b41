"""The REST API: every floor's own part under /api/v1/, the schema and its readable docs; what is not there is a problem too."""

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from kernel.api import problem_json


# Without it a POST to a mistyped address would be told of CSRF.
@csrf_exempt
def missing(request: HttpRequest) -> JsonResponse:
    return problem_json(request, 404, _("There is no such address. The docs are at /api/docs/."), "not_found")


urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    # Split: the content security policy allows no script inside a page.
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/", include("crm.api.urls")),
    path("v1/", include("scoring.api.urls")),
    path("v1/", include("handoff.api.urls")),
    re_path(r"", missing),
]
