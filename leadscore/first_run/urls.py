"""The addresses of the first run."""

from django.urls import path

from leadscore.first_run.views import door, parts, steps

urlpatterns = [
    path("set-up/", door.set_up, name="set-up"),
    path("first-run/", steps.overview, name="first-run"),
    path("first-run/dismiss", steps.dismiss, name="first-run-dismiss"),
    path("first-run/key", parts.key, name="first-run-key"),
    path("first-run/demo", parts.demo, name="first-run-demo"),
    path("first-run/arrivals", parts.arrived, name="first-run-arrivals"),
    path("first-run/scores/now", parts.scores, name="first-run-scores"),
    path("first-run/queue/now", parts.handoffs, name="first-run-handoffs"),
    path("first-run/presets/<slug:slug>/", steps.preset, name="first-run-preset"),
    path("first-run/<slug:step>/", steps.step, name="first-run-step"),
    path("first-run/<slug:step>/skip", steps.skip, name="first-run-skip"),
]
