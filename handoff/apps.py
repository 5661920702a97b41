from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoffConfig(AppConfig):
    name = "handoff"
    verbose_name = _("Hand-offs")

    def ready(self) -> None:
        """Hear the bells of the floor below, and put into the floors below what is ours there."""
        from handoff import receivers  # noqa: F401, PLC0415 - models load before ready(); importing connects
        from handoff.registrations import register_all  # noqa: PLC0415 - as above

        register_all()
