"""Activities by REST: one, a batch, a withdrawal. Answered only after the commit that stored them."""

from typing import ClassVar

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_list, body_object
from accounts.api.schema import call
from accounts.api.view import ApiView
from accounts.models import Scope
from crm.api.results import batch_response, raise_rejected, result_json
from crm.api.schema import EXAMPLE_ACTIVITY, ActivityBatch, ActivityFields, Item, Items, Withdrawn
from crm.models import Activity
from crm.services.activities import activities_record, activity_withdraw
from kernel.json import unsafe_text

ACTIVITIES_A_BATCH = 1_000
ACTIVITIES_BODY_BYTES = 1024 * 1024
SENDERS = (Scope.ACTIVITIES_WRITE, Scope.CRM_SYNC)


class ActivitiesView(ApiView):
    """`POST activities`: 200 accepted or duplicate, 207 quarantined, a problem where it is refused."""

    scopes: ClassVar = {"POST": SENDERS}
    max_body_bytes = ACTIVITIES_BODY_BYTES

    @call(
        "activity_send",
        _("Send an activity"),
        description=_("200 accepted or duplicate, 207 quarantined; anything else is a problem and was not kept."),
        request=ActivityFields,
        sent=EXAMPLE_ACTIVITY,
        answers={200: Item, 207: Item},
        answered={"index": 0, "message_id": "9f1c", "id": 4711, "status": "accepted"},
        problems=(410,),
        is_write=True,
    )
    def post(self, request: Request) -> Response:
        [result] = activities_record(feed=self.key.feed, items=[body_object(request)], by=self.key)
        raise_rejected(result)
        return Response(result_json(result), status=207 if result.status == "quarantined" else 200)


class ActivitiesBatchView(ApiView):
    """`POST activities/batch`: up to 1,000 and 1 MB, a result for each in order: 200, or 207 if any was not taken."""

    scopes: ClassVar = {"POST": SENDERS}
    max_body_bytes = ACTIVITIES_BODY_BYTES

    @call(
        "activities_send_batch",
        _("Send up to 1,000 activities"),
        description=_("200 where all were accepted or duplicates, 207 where any was not; a result for each, in order."),
        request=ActivityBatch,
        sent={"activities": [EXAMPLE_ACTIVITY]},
        answers={200: Items, 207: Items},
        answered={"results": [{"index": 0, "message_id": "9f1c", "id": 4711, "status": "accepted"}]},
        is_write=True,
    )
    def post(self, request: Request) -> Response:
        items = body_list(request, "activities", most=ACTIVITIES_A_BATCH)
        return batch_response(activities_record(feed=self.key.feed, items=items, by=self.key))


class ActivityWithdrawView(ApiView):
    """`POST activities/{message_id}/withdraw`: it stays stored and matches nothing from now on."""

    scopes: ClassVar = {"POST": SENDERS}

    @call(
        "activity_withdraw",
        _("Take an activity back"),
        description=_("It stays stored and is worth nothing from now on. Twice is once."),
        answers={200: Withdrawn},
        answered={"message_id": "9f1c", "status": "withdrawn"},
        problems=(404,),
        is_write=True,
    )
    def post(self, request: Request, message_id: str) -> Response:
        if unsafe_text(message_id):
            raise Http404
        activity = Activity.objects.filter(feed=self.key.feed, message_id=message_id).only("pk").first()
        if activity is None:
            raise Http404
        activity_withdraw(activity_id=activity.pk, by=self.key)
        return Response({"message_id": message_id, "status": "withdrawn"})
