"""What an address of the list of leads asks for, read once for the page and for its export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from accounts.models import SavedView, User
from accounts.rights import Action, may, sees_personal_data
from accounts.services.saved_views import saved_views_of
from crm.models import AttributeDefinition
from scoring.forms import LeadFilterForm
from scoring.models import ScoringModel
from scoring.ranking import Column, LeadFilters, columns_chosen, columns_on_offer

PAGE = "leads"
EVERYTHING = "all"
# Filters that ask by personal data: who sees leads masked takes over no colleague's.
_PERSONAL = "search"


@dataclass(frozen=True, kw_only=True)
class ViewShown:
    """A saved view as a tab: `query` opens it with all its filters."""

    view: SavedView
    query: Mapping[str, str]
    is_open: bool
    is_own: bool
    is_start: bool

    @property
    def address(self) -> str:
        return urlencode(self.query)


@dataclass(frozen=True, kw_only=True)
class LeadList:
    """Everything the address says. `kept` are its parameters without the place in the list, `beside` those that are no filters.

    `opens_with`: the parameters to go to first, where the address names a view alone or nothing at all.
    `is_changed`: the filters or columns shown are not those that the open view keeps.
    """

    form: LeadFilterForm
    filters: LeadFilters
    model: ScoringModel | None
    models: Sequence[ScoringModel]
    stages: dict[str, str]
    offer: Mapping[str, Column]
    columns: Sequence[Column]
    is_masked: bool
    views: Sequence[ViewShown]
    open_view: ViewShown | None
    is_changed: bool
    kept: Mapping[str, str]
    beside: Mapping[str, str]
    opens_with: Mapping[str, str]
    is_everything_start: bool

    @property
    def is_filtered(self) -> bool:
        return self.filters != LeadFilters()

    @property
    def column_keys(self) -> list[str]:
        return [column.key for column in self.columns]

    @property
    def all_columns(self) -> list[tuple[Column, bool]]:
        """The columns that are shown, then those that could be, and which is which."""
        others = [column for column in self.offer.values() if column not in self.columns]
        return [*((column, True) for column in self.columns), *((column, False) for column in others)]


def lead_list(*, user: User, params: Mapping[str, str]) -> LeadList:
    """Read an address: what cannot be read is left out, and the form says so."""
    is_masked = not sees_personal_data(user.role)
    models = list(ScoringModel.objects.exclude(active_version=None).select_related("active_version"))
    model = next((one for one in models if one.slug == params.get("model")), models[0] if models else None)
    stages = stages_of(model)
    definitions = [] if is_masked else list(AttributeDefinition.objects.all())
    form = LeadFilterForm(
        params, stages=stages, definitions=definitions, sees_imports=may(user.role, Action.IMPORT_VIEW)
    )
    filters = form.filters()
    saved = saved_views_of(user=user, page=PAGE)
    # The view may have been deleted, or be shared no more.
    start = next((view.pk for view in saved.views if view.pk == saved.start_id), None)
    views = _views(user, saved.views, params, start=start, is_masked=is_masked)
    open_view = next((shown for shown in views if shown.is_open), None)
    offer = columns_on_offer(definitions=definitions, is_masked=is_masked, has_model=model is not None)
    asked_columns = [key for key in params.get("columns", "").split(",") if key]
    own_columns = open_view.view.columns if open_view else saved.columns
    columns = columns_chosen(asked_columns or own_columns, offer)
    found = form.kept()
    beside = {name: value for name in ("view", "columns") if (value := params.get(name, ""))}
    return LeadList(
        form=form,
        filters=filters,
        model=model,
        models=models,
        stages=stages,
        offer=offer,
        columns=columns,
        is_masked=is_masked,
        views=views,
        open_view=open_view,
        is_changed=open_view is not None
        and (
            {**found, "view": str(open_view.view.pk)} != {**_said(open_view.query), "view": str(open_view.view.pk)}
            or columns != columns_chosen(open_view.view.columns, offer)
        ),
        kept={**found, **beside},
        beside=beside,
        opens_with=_opens_with(params, views, start, open_view),
        is_everything_start=start is None,
    )


def stages_of(model: ScoringModel | None) -> dict[str, str]:
    """The stages of a model's active version: key to label."""
    if model is None or model.active_version is None:
        return {}
    return {stage["key"]: stage.get("label") or stage["key"] for stage in model.active_version.document["stages"]}


def _said(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value and name not in {"view", "columns"}}


def _views(
    user: User, saved: Sequence[SavedView], params: Mapping[str, str], *, start: int | None, is_masked: bool
) -> list[ViewShown]:
    shown = []
    for view in saved:
        is_own = view.user_id == user.pk
        query = {
            name: str(value)
            for name, value in view.query.items()
            if not (is_masked and not is_own and (name == _PERSONAL or "." in name))
        }
        shown.append(
            ViewShown(
                view=view,
                # An empty search tells a view without filters from one that is still to be opened.
                query={**(query or {"search": ""}), "view": str(view.pk)},
                is_open=params.get("view") == str(view.pk),
                is_own=is_own,
                is_start=view.pk == start,
            )
        )
    return shown


def _opens_with(
    params: Mapping[str, str], views: Sequence[ViewShown], start: int | None, open_view: ViewShown | None
) -> Mapping[str, str]:
    if not params:
        return next((shown.query for shown in views if shown.view.pk == start), {})
    if open_view is not None and set(params) == {"view"}:
        return open_view.query
    return {}
