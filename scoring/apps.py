from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        """Hear the bells of the floor below, say what to erase of a person here, and put panels on the lead page."""
        from scoring import erasers, receivers, registrations  # noqa: F401, PLC0415 - models load before ready(); importing connects
