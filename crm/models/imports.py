from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.models import Stamped


class Import(Stamped):
    """One file that somebody brought: how it is read, what its columns mean, how far it has come and what became of it.

    The row is the truth, the task only a bell: whoever runs it writes `heartbeat_at` with each batch, in the batch's own
    transaction, so that an import cut short is taken up after the last row that is stored.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("not started")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    class Handoffs(models.TextChoices):
        """What happens to leads that qualify only because of the import; `spread` opens the best N of them a day."""

        QUIET = "quiet", _("hold them back")
        ALL = "all", _("hand off all")
        SPREAD = "spread", _("hand off the best, so many a day")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UPLOADED)
    about = models.CharField(
        _("about"), max_length=10, choices=[("leads", _("leads")), ("activities", _("activities"))], default="leads"
    )
    feed = models.SlugField(_("feed"), max_length=60)
    file_name = models.CharField(_("file"), max_length=255)
    size = models.BigIntegerField(_("bytes"))
    # SHA-256 of the file: tells that the same one is brought again.
    digest = models.CharField(max_length=64)
    # How the file is read (encoding, delimiter, sheet, header, decimal mark, order of dates, time zone), as
    # crm.ingestion.rules writes it, and what its columns mean, as crm.ingestion.mapping reads it.
    rules = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    mapping = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    handoffs = models.CharField(_("hand-offs"), max_length=10, choices=Handoffs.choices, default=Handoffs.QUIET)
    handoffs_per_day = models.PositiveIntegerField(_("a day"), null=True, blank=True)
    # Of the first rows, judged and rolled back: {"rows", "qualified"}.
    estimate = models.JSONField(default=dict)

    rows_total = models.BigIntegerField(_("rows"), null=True)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    # The names of the columns as the file has them, in its order; numbers where it names none.
    columns = ArrayField(models.TextField(), default=list)
    # The line of the last row that is stored or rejected: whoever takes an import up goes on after it.
    line_done = models.BigIntegerField(default=0)
    # By status: created, updated, unchanged, accepted, duplicate, quarantined, rejected.
    counts = models.JSONField(default=dict)
    unmapped_columns = ArrayField(models.TextField(), default=list)
    error = models.TextField(_("why it failed"), blank=True)
    undo_counts = models.JSONField(default=dict)

    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    started_at = models.DateTimeField(_("started"), null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state__in=["waiting", "running", "undoing"]), name="import_under_way"
            ),
            models.Index(fields=["digest"], name="import_digest"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportChunk(models.Model):
    """A piece of the file as it came, at most 1 MiB: in the database, so that every worker on every host has it.

    Deleted once the import has ended.
    """

    import_run = models.ForeignKey(Import, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("piece of a file")
        verbose_name_plural = _("pieces of files")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["import_run", "number"], name="import_chunk_once")]

    def __str__(self) -> str:
        return f"{self.import_run_id}/{self.number}"


class ImportRejection(models.Model):
    """A row that did not go in, with the reason and its cells as read, to be downloaded and mended. Kept 30 days."""

    import_run = models.ForeignKey(Import, models.CASCADE, related_name="rejections")
    line = models.BigIntegerField(_("line"))
    code = models.CharField(max_length=60)
    pointer = models.CharField(max_length=200, blank=True)
    detail = models.TextField(_("reason"))
    cells = ArrayField(models.TextField(), default=list)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["import_run", "line"], name="import_rejection_once")]

    def __str__(self) -> str:
        return f"{self.import_run_id}:{self.line}"


class SavedMapping(Stamped):
    """What the columns of files of one kind mean, kept under a name; offered where a file has the same header."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    about = models.CharField(_("about"), max_length=10)
    rules = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    # The header's names, trimmed and in lower case.
    header = ArrayField(models.TextField(), default=list)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
