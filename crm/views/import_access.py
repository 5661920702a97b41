"""Who may come in: those who bring files, and those who may only look."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.rights import Action, may
from crm.models import Import


def viewing(request: HttpRequest) -> User:
    """The one who looks. Whoever may not is not told that there is something."""
    user = cast(User, request.user)
    if not may(user.role, Action.IMPORT_VIEW):
        raise Http404
    return user


def managing(request: HttpRequest) -> User:
    """The one who acts; who may only look is refused."""
    user = viewing(request)
    if not may(user.role, Action.IMPORT_MANAGE):
        raise PermissionDenied
    return user


def import_or_404(pk: int) -> Import:
    return get_object_or_404(Import.objects.select_related("created_by", "undone_by"), pk=pk)
