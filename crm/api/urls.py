from django.urls import path

from crm.api.activities import ActivitiesBatchView, ActivitiesView, ActivityWithdrawView
from crm.api.leads import LeadMergeUndoView, LeadMergeView, LeadsBatchView, LeadsView, LeadView

urlpatterns = [
    path("leads", LeadsView.as_view(), name="api-leads"),
    path("leads/batch", LeadsBatchView.as_view(), name="api-leads-batch"),
    path("leads/<int:pk>", LeadView.as_view(), name="api-lead"),
    path("leads/<int:pk>/merge", LeadMergeView.as_view(), name="api-lead-merge"),
    path("leads/<int:pk>/merge/undo", LeadMergeUndoView.as_view(), name="api-lead-merge-undo"),
    path("activities", ActivitiesView.as_view(), name="api-activities"),
    path("activities/batch", ActivitiesBatchView.as_view(), name="api-activities-batch"),
    path("activities/<path:message_id>/withdraw", ActivityWithdrawView.as_view(), name="api-activity-withdraw"),
]
