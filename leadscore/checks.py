"""What an installation must not go live without, asked by `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def secret_key_is_set(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """E001: without a key of its own every process draws another, and sign-ins and tombstones end with it."""
    if settings.HAS_SECRET_KEY:
        return []
    return [
        Error(
            "SECRET_KEY is not set, so every process makes a key of its own.",
            hint="Set SECRET_KEY in the environment or in .env; .env.example says how to draw one.",
            id="leadscore.E001",
        )
    ]
