"""The sentences of the engine's problems, listed for translators: the engine itself knows no gettext.

A test holds this list equal to the engine's own.
"""

from django.utils.translation import gettext, gettext_noop

from scoring.engine.errors import SENTENCES, Problem

TRANSLATABLE = (
    gettext_noop("This is not JSON: look at line {line}, column {column}."),
    gettext_noop("This key stands twice in the same object: keep one of them."),
    gettext_noop("NaN and Infinity are not numbers in JSON: write a number or leave it out."),
    gettext_noop("A text must not hold the character NUL: take it out."),
    gettext_noop("A text must not hold half of a surrogate pair: write the whole character."),
    gettext_noop("This is nested deeper than {most} levels: flatten it."),
    gettext_noop("Write this number with at most {most} digits before and after the point."),
    gettext_noop("Only objects, lists, texts, numbers, true, false and null can stand here."),
    gettext_noop("This is missing: add it."),
    gettext_noop("This key is not known here: correct its spelling or take it out."),
    gettext_noop("Null says nothing here: write a value or leave the key out."),
    gettext_noop("Write an object here, names with their values."),
    gettext_noop("Write a list here."),
    gettext_noop("Write a text here."),
    gettext_noop("Write a whole number here, without quotes, point or exponent."),
    gettext_noop("Write a number here, without quotes."),
    gettext_noop("Write true or false here, without quotes."),
    gettext_noop("Write a text, a number, true or false here."),
    gettext_noop("This text is blank: write something or leave the key out."),
    gettext_noop("Write a whole number from {least} to {most}."),
    gettext_noop("Write one of: {choices}."),
    gettext_noop("This list may hold at most {most} entries: shorten it."),
    gettext_noop("This list needs at least one entry."),
    gettext_noop("Write a list of exactly two here."),
    gettext_noop("Write a day as YYYY-MM-DD that exists in the calendar."),
    gettext_noop("Only schema 1 is known: write 1."),
    gettext_noop("No such time zone: write a name of the IANA database such as Europe/Berlin."),
    gettext_noop("A key has 1 to 60 characters of a-z, 0-9 and the hyphen."),
    gettext_noop("This key is already taken earlier in the list: choose another."),
    gettext_noop("Write exactly one of points, stars and tier."),
    gettext_noop("negative goes with stars or tier: give the points their own sign."),
    gettext_noop("Stars need points_per_star at the top of the document: add it."),
    gettext_noop("This tier has no entry in tiers at the top of the document: add it there."),
    gettext_noop("Only criteria of the dimension behavior look at activities: take this out."),
    gettext_noop("This group already belongs to another dimension: choose another name."),
    gettext_noop("A criterion cannot both disqualify and fast-track: keep one of them."),
    gettext_noop("Points must fall strictly from the best to the last: lower this one."),
    gettext_noop("Stages must rise strictly by at: raise this one."),
    gettext_noop("Only the first stage may leave at out: add it."),
    gettext_noop("The stages mql and sql always exist: add {stage}."),
    gettext_noop("The stage mql stands before the stage sql: swap them."),
    gettext_noop("There is no stage with this key: write one of the document's stages."),
    gettext_noop("Steps rise by day, each later than the one before: correct this day."),
    gettext_noop("A step never keeps more than the one before: lower this percentage."),
    gettext_noop("Write one curve only: expires_after_days, half_life_days, linear_days or steps."),
    gettext_noop("Write at most one of reached, rising and silent_days."),
    gettext_noop("within_days only works beside after: add after or take it out."),
    gettext_noop("per_days only works beside silent_days: add silent_days or take it out."),
    gettext_noop("Write one of all, any and not alone, or field, op and value together."),
    gettext_noop("At most {most} of all, any and not may stand above a leaf: flatten it."),
    gettext_noop("There is no such field here: fields begin with {prefixes} and are listed in the documentation."),
    gettext_noop("There is no such op: write one of {choices}."),
    gettext_noop("This op does not work on this field: write one of {choices}."),
    gettext_noop("is_known takes no value: take it out."),
    gettext_noop("Write a number, or a day as YYYY-MM-DD that exists in the calendar."),
    gettext_noop("Write two numbers or two days, not one of each."),
    gettext_noop("The first of the two must not be above the second: swap them."),
    gettext_noop("This field never has such a value: write one of {choices}."),
    gettext_noop("has_word needs at least one letter or digit: write a word."),
    gettext_noop("A path begins with a slash: write it as in /pricing."),
    gettext_noop("This id already stands earlier in the list: an activity stands once."),
    gettext_noop("Write a time as in 2026-03-03T09:30:00+01:00."),
    gettext_noop("Say which offset this time has, as in 2026-03-03T09:30:00+01:00 or …Z."),
    gettext_noop("This time lies outside the calendar: correct it."),
)


def problem_sentence(problem: Problem) -> str:
    """What is wrong and what to do, in the reader's language, without repeating what was sent."""
    return gettext(SENTENCES[problem.code]).format(**problem.params)
