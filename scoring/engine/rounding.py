"""The one rounding of points."""


def rounded(above: int, below: int) -> int:
    """above / below (> 0) to the nearest whole number, half away from zero."""
    nearest = (2 * abs(above) + below) // (2 * below)
    return nearest if above >= 0 else -nearest
