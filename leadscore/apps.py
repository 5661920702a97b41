from django.apps import AppConfig


class LeadscoreConfig(AppConfig):
    name = "leadscore"
    verbose_name = "Lead scoring"

    def ready(self) -> None:
        """Register the checks of a deployment."""
        from leadscore import checks  # noqa: F401, PLC0415 - importing registers
