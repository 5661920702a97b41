from django.apps import AppConfig


class LeadscoreConfig(AppConfig):
    name = "leadscore"
    verbose_name = "Lead scoring"

    def ready(self) -> None:
        """Register the checks of a deployment, and the panels of the style guide."""
        from leadscore import checks, styleguide  # noqa: F401, PLC0415 - importing registers the checks

        styleguide.panels_register()
