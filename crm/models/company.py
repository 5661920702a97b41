from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models.imports import Import
from kernel.models import Stamped


class Company(Stamped):
    """The organisation leads work for. Joined to leads by email domain unless told otherwise."""

    name = models.CharField(_("name"), max_length=300, blank=True)
    # Registrable domain in lower case, never one of a free mail provider.
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    industry = models.CharField(_("industry"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    employees = models.BigIntegerField(_("employees"), null=True, blank=True)
    revenue = models.BigIntegerField(_("revenue"), null=True, blank=True)
    technologies = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, verbose_name=_("technologies")
    )
    attributes = models.JSONField(_("custom attributes"), default=dict, blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries", verbose_name=_("parent company")
    )
    imported_by = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner"))

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["domain"], condition=~models.Q(domain=""), name="company_domain_once"),
        ]
        indexes = [
            models.Index(Lower("name"), name="company_lower_name"),
            # The order of the list.
            models.Index(fields=["name", "id"], name="company_name"),
            models.Index(Upper("industry"), name="company_industry"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="company_name_trigrams"),
            GinIndex(OpClass(Upper("domain"), name="gin_trgm_ops"), name="company_domain_trigrams"),
            models.Index(
                fields=["imported_by"], condition=models.Q(imported_by__isnull=False), name="company_imported"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.domain
