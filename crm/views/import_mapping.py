"""What the columns of a file mean: recognised, corrected, previewed, kept under a name."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.asked import is_htmx, number_asked
from accounts.models import User
from crm.forms.import_columns import REJECTED_COLUMNS, Document, chosen_of, columns_shown, document_made
from crm.forms.import_targets import KEPT, KINDS, NEW_TYPES, target_groups, target_labels, target_named
from crm.forms.imports import FeedForm, RulesForm
from crm.ingestion.looking import FileLook, file_look
from crm.ingestion.mapping import About, mapping_from_document
from crm.ingestion.preview import PreviewRow, preview_rows
from crm.ingestion.suggesting import mapping_suggest
from crm.models import AttributeDefinition, Import, SavedMapping
from crm.services.imports import import_prepare, imports_same
from crm.services.imports_file import file_at_hand
from crm.services.imports_mappings import import_mended, mapping_delete, mapping_for, mapping_save, rules_of_cells
from crm.views.import_access import import_or_404, managing
from kernel.errors import BadRequestError, LeadscoreError, Problem


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """How the file was recognised and what each column fills; nothing is stored before it is confirmed.

    `do` says what a form asks for: `look` again by other rules, `preview` alone, or to go `next`.
    """
    user = managing(request)
    found = import_or_404(pk)
    if found.state != Import.State.UPLOADED:
        return redirect("import", pk=pk)
    data = request.POST if request.method == "POST" else None
    try:
        page = _Page.read(found, data, saved=request.GET.get("saved", ""))
    except LeadscoreError as error:
        context = {"import": found, "refusal": error.detail}
        return render(request, "crm/imports/mapping.html", context, status=422)
    wanted = data.get("do", "") if data else ""
    if wanted == "next" and page.save(user):
        return redirect("import-start", pk=pk)
    template = {"preview": "crm/imports/_preview.html", "look": "crm/imports/_mapping.html"}.get(wanted, "")
    template = template if is_htmx(request) and template else "crm/imports/mapping.html"
    return render(request, template, page.context(), status=422 if wanted == "next" else 200)


@login_required
@require_safe
def saved_mappings(request: HttpRequest) -> HttpResponse:
    """What was kept, to be deleted where it serves no longer."""
    managing(request)
    rows = SavedMapping.objects.select_related("created_by").order_by("name")
    return render(request, "crm/imports/saved.html", {"rows": rows})


@login_required
@require_POST
def saved_mapping_delete(request: HttpRequest, pk: int) -> HttpResponse:
    managing(request)
    saved = get_object_or_404(SavedMapping, pk=pk)
    mapping_delete(saved_id=pk)
    messages.success(request, _("Deleted: %(name)s.") % {"name": saved.name})
    return redirect("saved-mappings")


@dataclass(kw_only=True)
class _Page:
    """The page as asked for: the file as looked at, what is chosen, and what is wrong with that."""

    run: Import
    data: QueryDict | None
    look: FileLook
    base: Document
    saved: SavedMapping | None
    mends: Import | None
    about: str
    chosen: dict[str, str]
    new_types: dict[str, str]
    kind: str
    document: dict[str, Any]
    preview: list[PreviewRow]
    errors: dict[str, str]
    refusal: str = ""
    feed_form: FeedForm

    @classmethod
    def read(cls, run: Import, data: QueryDict | None, *, saved: str) -> "_Page":
        said = data if data is not None else QueryDict()
        with file_at_hand(run) as file:
            given = RulesForm.given(data) if data is not None else _given_before(run)
            look, misread = _looked(file, run, given)
            used = _saved(look, said.get("saved", saved), is_first=data is None and not run.mapping)
            kept_columns = [name for name in look.columns if name not in REJECTED_COLUMNS]
            is_of_ours = len(kept_columns) < len(look.columns) and saved != "0"
            mends = import_mended(kept_columns) if is_of_ours and not used else None
            if (kind_of_file := used or mends) and data is None:
                look = file_look(file, file_name=run.file_name, given=rules_of_cells(kind_of_file.rules))
            before = run.mapping if run.mapping and list(look.columns) == run.columns and not saved else {}
            known: Document = before or (kind_of_file.mapping if kind_of_file else {})
            feed = run.feed if before or not kind_of_file else str(kind_of_file.mapping.get("feed") or run.feed)
            about: About = "activities" if (said.get("about") or known.get("about")) == "activities" else "leads"
            is_known = known.get("about") == about
            base = known if is_known else mapping_suggest(look, attributes=_attribute_keys(), about=about)
            # The columns on the page are those of this file only where it is still read the same way.
            is_same = said.get("columns") == _fingerprint(look) and said.get("was_about") == about
            chosen = {name: chosen_of(base, name) for name in look.columns}
            chosen |= {name: "" for name in REJECTED_COLUMNS if name in chosen}
            new_types: dict[str, str] = {}
            if is_same:
                for index, name in enumerate(look.columns):
                    chosen[name] = said.get(f"to-{index}", chosen[name])
                    new_types[name] = said.get(f"as-{index}", "text")
            constants = base.get("constants")
            constant = str(constants.get("kind", "")) if isinstance(constants, dict) else ""
            kind = said.get("kind") or constant or "page_view"
            document = document_made(base, about=about, chosen=chosen, new_types=new_types, kind=kind)
            page = cls(
                run=run,
                data=data,
                look=look,
                base=base,
                saved=used,
                mends=mends,
                about=about,
                chosen=chosen,
                new_types=new_types,
                kind=kind,
                document={**document, "feed": feed, "placeholders": list(look.placeholders)},
                preview=[],
                errors={},
                refusal=misread,
                feed_form=FeedForm(data, initial={"feed": feed}) if data else FeedForm(initial={"feed": feed}),
            )
            try:
                read = mapping_from_document(page.document)
                page.preview = preview_rows(file, look.rules, read, limit=10)
            except BadRequestError as error:
                page.refuse(error)
        return page

    def refuse(self, error: BadRequestError) -> None:
        """Each problem beside its column; what is about none above them all."""
        problems = error.problems or [Problem(pointer="", code=error.code, detail=error.detail)]
        for problem in problems:
            parts = problem.pointer.split("/")
            name = parts[2].replace("~1", "/").replace("~0", "~") if len(parts) > 2 and parts[1] == "columns" else ""
            if name in self.chosen:
                self.errors.setdefault(name, problem.detail)
            else:
                self.refusal = self.refusal or problem.detail

    def save(self, user: User) -> bool:
        """Whether it could be prepared; if not the page says why."""
        if not self.feed_form.is_valid() or self.errors or self.refusal:
            return False
        if any(question.rule == "date_order" for question in self.look.questions):
            self.refusal = _("Say first how dates are written: the file does not settle it.")
            return False
        feed, name = self.feed_form.cleaned_data["feed"], self.feed_form.cleaned_data["save_as"].strip()
        try:
            import_prepare(import_id=self.run.pk, look=self.look, mapping=self.document, feed=feed)
            if name:
                rules = self.look.rules.to_json()
                document = {**self.document, "feed": feed}
                mapping_save(name=name, mapping=document, rules=rules, header=self.look.header, by=user)
        except BadRequestError as error:
            self.refuse(error)
            return False
        except LeadscoreError as error:
            self.refusal = error.detail
            return False
        return True

    def context(self) -> dict[str, Any]:
        further = [*(chosen_of(self.base, name) for name in self.look.columns), *self.chosen.values()]
        groups = target_groups(self.about, AttributeDefinition.objects.all(), further)
        columns = columns_shown(self.look, self.base, self.chosen, self.errors, self.new_types)
        return {
            "import": self.run,
            "look": self.look,
            "rules": RulesForm(look=self.look),
            "time_zones": RulesForm.time_zones(),
            "columns": columns,
            "unshown": len(self.look.columns) - len(columns),
            "groups": groups,
            "kept": KEPT,
            "new_types": NEW_TYPES,
            "kinds": KINDS,
            "kind": self.kind,
            "asks_kind": self.about == "activities" and "kind" not in self.chosen.values(),
            "about": self.about,
            "fingerprint": _fingerprint(self.look),
            "questions": self.look.questions,
            "feed_form": self.feed_form,
            "saved": self.saved,
            "mends": self.mends,
            "all_saved": SavedMapping.objects.order_by("name"),
            "same": imports_same(self.run).first(),
            "refusal": self.refusal,
            **self._preview(target_labels(groups)),
        }

    def _preview(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """Ten rows as a table: a column for each field that any of them fills."""
        fields = list(dict.fromkeys(name for row in self.preview for name in row.values))
        # An attribute that nobody has named yet goes by the name of its column.
        columns = self.document["columns"].items()
        own = {rule["to"]: name for name, rule in columns if isinstance(rule, Mapping) and rule.get("to")}
        unnamed = {to: name for to, name in own.items() if labels.get(to, to) == target_named(to) != to}
        labels = {**labels, **unnamed}
        rows = [
            {
                "line": row.line,
                "values": [row.values.get(name) for name in fields],
                "activities": [str(each.get("kind", "")) for each in row.activities],
                "problems": row.problems,
            }
            for row in self.preview
        ]
        return {
            "preview_fields": [labels.get(name) or target_named(name) for name in fields],
            "preview_rows": rows,
            "preview_bad": sum(bool(row.problems) for row in self.preview),
            "preview_refusal": self.refusal or next(iter(self.errors.values()), ""),
        }


def _looked(file: Path, run: Import, given: Mapping[str, object]) -> tuple[FileLook, str]:
    """The file by the rules given; where it cannot be read so, as recognised, and why. Raises where it cannot be at all."""
    try:
        return file_look(file, file_name=run.file_name, given=given), ""
    except BadRequestError as error:
        if not given:
            raise
        return file_look(file, file_name=run.file_name), error.detail


def _given_before(run: Import) -> dict[str, object]:
    """What was said before; until then times are of the zone of whoever looks."""
    zone = {} if run.mapping else {"time_zone": timezone.get_current_timezone_name()}
    return {**{key: value for key, value in run.rules.items() if value != ""}, **zone}


def _saved(look: FileLook, asked: str, *, is_first: bool) -> SavedMapping | None:
    """The mapping asked for by number; on the first visit the one of files with this header. `0` asks for none."""
    if asked:
        return SavedMapping.objects.filter(pk=number_asked(asked) or 0).first()
    return mapping_for(look.header) if is_first else None


def _attribute_keys() -> list[str]:
    return [each.key for each in AttributeDefinition.objects.filter(subject=AttributeDefinition.Subject.LEAD)]


def _fingerprint(look: FileLook) -> str:
    return hashlib.sha256("\x1f".join(look.columns).encode()).hexdigest()[:16]


urlpatterns: list[URLPattern] = [
    path("imports/<int:pk>/mapping/", mapping, name="import-mapping"),
    path("imports/saved/", saved_mappings, name="saved-mappings"),
    path("imports/saved/<int:pk>/delete/", saved_mapping_delete, name="saved-mapping-delete"),
]
