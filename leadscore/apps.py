from django.apps import AppConfig


class LeadscoreConfig(AppConfig):
    name = "leadscore"
    verbose_name = "Lead scoring"
