"""What an installation must not go live without, asked by `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


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


@register(Tags.security, deploy=True)
def tombstone_key_is_its_own(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """W001: where tombstones share SECRET_KEY, changing that key forgets who was erased."""
    if settings.TOMBSTONE_KEY != settings.SECRET_KEY:
        return []
    return [
        Warning(
            "TOMBSTONE_KEY is not set, so tombstones of erased people hang on SECRET_KEY.",
            hint="Set TOMBSTONE_KEY to a key of its own and never change it: with another one nobody erased is recognised.",
            id="leadscore.W001",
        )
    ]
