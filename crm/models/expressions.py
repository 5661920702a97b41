"""Expressions that Django does not know."""

from django.db.models import BooleanField, Func


class IsAny(Func):
    """`value = ANY (array)`, where the array is asked for once, so that an index answers, also beside an OR."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()
