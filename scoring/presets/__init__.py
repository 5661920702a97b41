"""Matrices to start from. Each is a whole document beside this file; docs/presets/ gives every criterion its reason.

To add one: put its YAML here, name it in `PRESETS`, write its page. A test reads, lints and plays the examples of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import BadRequestError
from scoring.yaml_text import yaml_read

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A matrix to start from: its key, its name, and what it is good for in one line."""

    slug: str
    name: str | Promise
    good_for: str | Promise


PRESETS = (
    Preset(
        slug="b2b_saas",
        name=_("B2B SaaS"),
        good_for=_("Software sold to companies of 20 to 2,000 people, by trial and demo."),
    ),
    Preset(
        slug="b2b_enterprise",
        name=_("B2B enterprise"),
        good_for=_(
            "Long sales to large organisations by committee; handed off once a conversation confirmed the need."
        ),
    ),
    Preset(
        slug="professional_services",
        name=_("Professional services"),
        good_for=_("Consulting, agencies, law and tax, where trust sells."),
    ),
    Preset(slug="education", name=_("Education"), good_for=_("Courses and degrees for individuals.")),
    Preset(slug="consumer", name=_("Consumer"), good_for=_("Considered purchases by people for themselves.")),
    Preset(
        slug="stars_and_weights",
        name=_("Stars and weights"),
        good_for=_("Sales and marketing that build their first matrix together, with stars and three weighed buckets."),
    ),
    Preset(
        slug="account_engagement",
        name=_("Account Engagement style"),
        good_for=_("Teams that move over from that product and want their numbers to stay what they were."),
    ),
)


def preset_document(slug: str) -> dict[str, Any]:
    """A fresh copy of a preset's document. Raises BadRequestError for a preset that is not there."""
    if slug not in {preset.slug for preset in PRESETS}:
        raise BadRequestError(_("There is no preset “%(slug)s”.") % {"slug": slug}, code="unknown_preset")
    document = yaml_read((FOLDER / f"{slug}.yaml").read_text(encoding="utf-8"))
    if not isinstance(document, Mapping):
        raise TypeError(f"The preset {slug} is no document.")
    return dict(document)
