from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import Stamped


class AttributeDefinition(Stamped):
    """A custom attribute this installation has agreed on: its name for people and its type.

    Names that are not listed here are taken as they are sent; a listed one is refused where the value is not of its type.
    """

    class Subject(models.TextChoices):
        LEAD = "lead", _("lead")
        COMPANY = "company", _("company")

    class Type(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        BOOLEAN = "boolean", _("yes or no")
        DATE = "date", _("date")
        CHOICE = "choice", _("one of a list")
        LIST = "list", _("list of texts")

    subject = models.CharField(_("of"), max_length=10, choices=Subject.choices)
    key = models.CharField(
        _("key"),
        max_length=60,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and underscores."))],
        help_text=_("As it is sent and as the matrix names it: attributes.KEY."),
    )
    label = models.CharField(_("label"), max_length=120)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.TEXT)
    choices = ArrayField(models.CharField(max_length=200), default=list, blank=True, verbose_name=_("choices"))
    help_text = models.CharField(_("what it means"), max_length=300, blank=True)
    # Lint warns of a criterion that rests on it: it would know the outcome.
    is_filled_by_sales = models.BooleanField(_("filled in by sales after contact"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("custom attribute")
        verbose_name_plural = _("custom attributes")
        ordering = ["subject", "position", "label"]
        constraints = [models.UniqueConstraint(fields=["subject", "key"], name="attribute_key_once")]

    def __str__(self) -> str:
        return self.label
