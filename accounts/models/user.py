from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team
from kernel.models import Stamped


class Role(models.TextChoices):
    """Who may do what stands in accounts.rights, from the table of the promises."""

    REP = "rep", _("Sales rep")
    SALES_MANAGER = "sales_manager", _("Sales manager")
    MARKETER = "marketer", _("Marketer")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


# Which roles see the admin at all; what they may do there is decided per record in `has_perm`.
ADMIN_ROLES = {Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR}
# Apps whose records marketing and sales managers may look at in the admin.
SHARED_APPS = {"scoring", "crm", "handoff"}


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who works here; the email is kept in lower case because it is what they sign in with."""
        if not email:
            raise ValueError("A user needs an email address to sign in with.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "role": Role.ADMINISTRATOR})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, Stamped):
    """Somebody who works here. Signs in by email; has one role and, in sales and marketing, a team."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.REP)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en")
    # Hand-offs a week this person can work; the weight of round robin. 0 takes part in no routing.
    weekly_capacity = models.PositiveIntegerField(
        _("weekly capacity"), default=0, validators=[MaxValueValidator(10_000)]
    )
    # Away from the first of these days until the day before the second; without a first day, from now on.
    absent_from = models.DateField(_("absent from"), null=True, blank=True)
    absent_until = models.DateField(_("absent until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # Who got their leads when they left.
    left_at = models.DateTimeField(_("left"), null=True, blank=True, editable=False)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("successor")
    )
    # Kinds of notification that are not shown in the app, and those that come by email too.
    muted_kinds = ArrayField(models.CharField(max_length=60), default=list, blank=True, editable=False)
    emailed_kinds = ArrayField(models.CharField(max_length=60), default=list, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "email"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """The key of a session ends with the password and with the role: who may do something else signs in anew."""
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.role}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def is_superuser(self) -> bool:
        """Asked by Django's and allauth's own pages only; ours ask accounts.rights."""
        return self.is_administrator

    @property
    def is_staff(self) -> bool:
        return self.role in ADMIN_ROLES

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Admin permissions by role: administrators all, auditors read all, managers and marketers read the shared floors."""
        if not self.is_active:
            return False
        if self.is_administrator:
            return True
        app, _dot, action = perm.partition(".")
        is_view = action.startswith("view_")
        if self.role == Role.AUDITOR:
            return is_view
        return self.is_staff and is_view and app in SHARED_APPS

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        if not self.is_active:
            return False
        return self.role in {Role.ADMINISTRATOR, Role.AUDITOR} or (self.is_staff and app_label in SHARED_APPS)
