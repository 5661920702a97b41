from django.db import models
from django.utils.translation import gettext_lazy as _


class LeadTouch(models.Model):
    """The facts of this lead changed and the lead was looked at again, or it was erased. Append-only, pruned.

    Work says what is still to be looked at and goes once it was; this stays a while, so that whoever keeps a copy of the
    facts knows which leads it no longer speaks for: those that have work, and those touched by transactions that had not
    ended when the copy was begun. No foreign key: an erased lead is named by a number that is nobody's.
    """

    lead_id = models.BigIntegerField()
    # pg_current_xact_id() of the transaction that wrote the row: with pg_snapshot_xmin a watermark that misses no late commit.
    xid = models.BigIntegerField()
    is_erased = models.BooleanField(default=False)
    touched_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("touch of a lead")
        verbose_name_plural = _("touches of leads")
        indexes = [models.Index(fields=["xid"], name="lead_touch_xid")]

    def __str__(self) -> str:
        return f"#{self.lead_id}"
