"""Two versions of a model side by side: what differs, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.engine.diff import diff
from scoring.engine.parse import parse_matrix
from scoring.models import MatrixVersion
from scoring.wording import ChangeRow, change_row, change_sentence


@dataclass(frozen=True, kw_only=True)
class CompareShown:
    """`a` before, `b` after, and every version of their model, newest first, to choose from."""

    a: MatrixVersion
    b: MatrixVersion
    versions: Sequence[MatrixVersion]
    sentences: Sequence[str]
    rows: Sequence[ChangeRow]


def compare_shown(a: MatrixVersion, b: MatrixVersion) -> CompareShown:
    """One query; the versions are of one model."""
    changes = diff(parse_matrix(a.document), parse_matrix(b.document))
    versions = MatrixVersion.objects.filter(model=a.model_id).defer("document").order_by("-number")
    return CompareShown(
        a=a,
        b=b,
        versions=list(versions),
        sentences=[change_sentence(each) for each in changes],
        rows=[change_row(each) for each in changes],
    )
