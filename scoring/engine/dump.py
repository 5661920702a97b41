"""A matrix back as a document: `parse_matrix(dump_matrix(matrix)) == matrix`, with no default written."""

from scoring.engine.matrix import ALWAYS, Dimension, Matrix
from scoring.engine.matrix_parts import part_document


def dump_matrix(matrix: Matrix) -> dict[str, object]:
    document: dict[str, object] = {"schema": 1, "name": matrix.name}
    if matrix.description:
        document["description"] = matrix.description
    if matrix.audience != "b2b":
        document["audience"] = matrix.audience
    if matrix.timezone != "UTC":
        document["timezone"] = matrix.timezone
    if matrix.applies_to != ALWAYS:
        document["applies_to"] = part_document(matrix.applies_to)
    if matrix.hand_off_at != "mql":
        document["hand_off_at"] = matrix.hand_off_at
    if matrix.points_per_star is not None:
        document["points_per_star"] = matrix.points_per_star
    if matrix.tiers:
        document["tiers"] = dict(matrix.tiers)
    dimensions = {name: part_document(each) for name, each in matrix.dimensions.items() if each != Dimension()}
    if dimensions:
        document["dimensions"] = dimensions
    document["grades"] = dict(matrix.grades)
    document["levels"] = {str(level): points for level, points in matrix.levels.items()}
    document["stages"] = [part_document(stage) for stage in matrix.stages]
    if matrix.groups:
        document["groups"] = {name: part_document(group) for name, group in matrix.groups.items()}
    document["criteria"] = [part_document(criterion) for criterion in matrix.criteria]
    if matrix.examples:
        document["examples"] = [part_document(example) for example in matrix.examples]
    return document
