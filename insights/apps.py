from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "insights"
    verbose_name = _("Insights")

    def ready(self) -> None:
        """Hear the bells of the floors below, and put panels on their pages."""
        from insights import receivers  # noqa: F401, PLC0415 - models load before ready(); importing connects
        from insights.registrations import register_all  # noqa: PLC0415 - as above

        register_all()
