"""The composition root: settings, urls, Celery, the demo. Imports every floor, imported by none."""

from leadscore.celery import app as celery_app

__all__ = ["celery_app"]
