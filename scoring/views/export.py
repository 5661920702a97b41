"""The list of leads as a file: as it is filtered, with its columns, in constant memory."""

from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.export import csv_rows
from accounts.models import User
from accounts.rights import Action, may
from accounts.services import audit_record
from scoring.ranking import MOST_ROWS, Table, table_header, table_of, table_rows, workbook_file
from scoring.views.lead_list import LeadList, lead_list

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_POST
def leads_export(request: HttpRequest) -> HttpResponseBase:
    """CSV or XLSX of the list that the address describes. A filter that cannot be read exports nothing rather than more."""
    user = cast(User, request.user)
    if not may(user.role, Action.LEAD_EXPORT):
        raise PermissionDenied
    asked = lead_list(user=user, params=request.GET.dict())
    if refusals := asked.form.refusals():
        for refusal in refusals:
            messages.error(request, refusal)
        messages.error(request, _("Nothing was exported: mend the filters first."))
        return HttpResponseRedirect(f"{reverse('leads')}?{urlencode(request.GET.dict())}", status=303)
    is_workbook = request.POST.get("format") == "xlsx"
    table = table_of(
        user=user,
        model=asked.model,
        filters=asked.filters,
        columns=asked.columns,
        stages=asked.stages,
        # The header and the sentence that says that the file was cut stand in the sheet too.
        most=MOST_ROWS - 2 if is_workbook else None,
    )
    _audit(user, asked, table, "xlsx" if is_workbook else "csv")
    name = f"leads-{timezone.localdate().isoformat()}"
    if is_workbook:
        file = workbook_file(title=_("Leads"), header=table_header(table), rows=table_rows(table))
        return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)
    response = StreamingHttpResponse(csv_rows(table_header(table), table_rows(table)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Accel-Buffering"] = "no"
    return response


def _audit(user: User, asked: LeadList, table: Table, kind: str) -> None:
    """Written before the first row leaves, so that an export cut short is known too; names of filters, never their values."""
    audit_record(
        action="lead.export",
        subject_type="lead",
        actor=user,
        details={
            "rows": len(table.lead_ids),
            "is_cut": table.is_cut,
            "format": kind,
            "filters": sorted(name for name in asked.form.kept() if name != "model"),
            "columns": [column.key for column in table.columns],
            "model": asked.model.slug if asked.model else None,
            "is_masked": table.is_masked,
        },
    )
