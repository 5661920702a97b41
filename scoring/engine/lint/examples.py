"""The leads that must end in a certain stage. L22."""

from collections.abc import Iterator

from scoring.engine.compiled import compile_matrix
from scoring.engine.evaluate import evaluate
from scoring.engine.facts import parse_facts
from scoring.engine.lint.finding import Finding, finding
from scoring.engine.matrix import Matrix


def example_ends_elsewhere(matrix: Matrix) -> Iterator[Finding]:
    """An example to which the matrix does not apply ends in no stage."""
    compiled = compile_matrix(matrix)
    for example in matrix.examples:
        card = evaluate(compiled, parse_facts(example.facts), example.as_of)
        stage = None if card.score is None else card.score.stage
        if stage != example.stage:
            yield finding("L22", name=example.name, expected=example.stage, actual=stage)
