from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Leads and activities")

    def ready(self) -> None:
        # The registry of apps must be complete before models are named.
        from crm.erasers import register_all  # noqa: PLC0415
        from crm.services import notices  # noqa: PLC0415

        register_all()
        notices.register_all()
