"""How much one key may ask in a minute. Counted in PostgreSQL, so that a flush of Redis forgets nothing."""

import time

from django.conf import settings
from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiKey

WINDOW_SECONDS = 60
COUNT_ONE = """
INSERT INTO accounts_ratewindow (api_key_id, started, calls) VALUES (%s, %s, 1)
ON CONFLICT (api_key_id) DO UPDATE SET
    calls = CASE WHEN accounts_ratewindow.started = EXCLUDED.started THEN accounts_ratewindow.calls + 1 ELSE 1 END,
    started = EXCLUDED.started
RETURNING calls
"""


class KeyThrottle(BaseThrottle):
    """A fixed window of a minute for each key; the answer's RateLimit-* headers are set by ApiView from `request.rate`."""

    def allow_request(self, request: Request, view: object) -> bool:
        if not isinstance(request.auth, ApiKey):
            return True
        now = int(time.time())
        started = now - now % WINDOW_SECONDS
        with connection.cursor() as cursor:
            cursor.execute(COUNT_ONE, [request.auth.pk, started])
            (calls,) = cursor.fetchone()
        limit: int = settings.API_CALLS_PER_MINUTE
        self.reset = started + WINDOW_SECONDS - now
        request._request.rate = {  # type: ignore[attr-defined]  # read again by ApiView
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - calls)),
            "RateLimit-Reset": str(self.reset),
        }
        return bool(calls <= limit)

    def wait(self) -> float:
        return float(self.reset)
