from django.urls import URLPattern, URLResolver, path

from crm import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/<int:pk>/", views.lead, name="lead"),
]
