"""Activities by REST: one, a batch, a withdrawal. Answered only after the commit that stored them."""

from typing import ClassVar

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.body import body_list, body_object
from accounts.api.view import ApiView
from accounts.models import Scope
from crm.api.results import batch_response, raise_rejected, result_json
from crm.models import Activity
from crm.services.activities import activities_record, activity_withdraw

ACTIVITIES_A_BATCH = 1_000
ACTIVITIES_BODY_BYTES = 1024 * 1024
SENDERS = (Scope.ACTIVITIES_WRITE, Scope.CRM_SYNC)


class ActivitiesView(ApiView):
    """`POST activities`: 200 accepted or duplicate, 207 quarantined, a problem where it is refused."""

    scopes: ClassVar = {"POST": SENDERS}
    max_body_bytes = ACTIVITIES_BODY_BYTES

    def post(self, request: Request) -> Response:
        [result] = activities_record(feed=self.key.feed, items=[body_object(request)], by=self.key)
        raise_rejected(result)
        return Response(result_json(result), status=207 if result.status == "quarantined" else 200)


class ActivitiesBatchView(ApiView):
    """`POST activities/batch`: up to 1,000 and 1 MB, a result for each in order: 200, or 207 if any was not taken."""

    scopes: ClassVar = {"POST": SENDERS}
    max_body_bytes = ACTIVITIES_BODY_BYTES

    def post(self, request: Request) -> Response:
        items = body_list(request, "activities", most=ACTIVITIES_A_BATCH)
        return batch_response(activities_record(feed=self.key.feed, items=items, by=self.key))


class ActivityWithdrawView(ApiView):
    """`POST activities/{message_id}/withdraw`: it stays stored and matches nothing from now on."""

    scopes: ClassVar = {"POST": SENDERS}

    def post(self, request: Request, message_id: str) -> Response:
        activity = Activity.objects.filter(feed=self.key.feed, message_id=message_id).only("pk").first()
        if activity is None:
            raise Http404
        activity_withdraw(activity_id=activity.pk, by=self.key)
        return Response({"message_id": message_id, "status": "withdrawn"})
