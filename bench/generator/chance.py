"""Skewed chance: a few are frequent, most are rare."""

import numpy as np
from numpy.typing import NDArray


def zipf(rng: np.random.Generator, *, among: int, size: int, exponent: float = 1.1) -> NDArray[np.int64]:
    """Numbers from 0 to among - 1, each as frequent as its rank is low."""
    weights = 1.0 / np.arange(1, among + 1) ** exponent
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, rng.random(size)), among - 1)


def weighted(rng: np.random.Generator, weights: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Numbers of `weights`, each as frequent as it weighs."""
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, rng.random(size)), len(weights) - 1)


def counts(rng: np.random.Generator, *, leads: int, total: int, boost: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many activities each lead has: a power law with thousands at its end, adding up to `total`."""
    weights = (rng.pareto(1.3, leads) + 0.05) * boost
    found = np.minimum(rng.poisson(weights * (total / weights.sum())), 5_000)
    while (missing := total - int(found.sum())) != 0:
        chosen = rng.integers(0, leads, abs(missing))
        if missing > 0:
            np.add.at(found, chosen, 1)
        else:
            chosen = np.unique(chosen)
            found[chosen[found[chosen] > 0]] -= 1
    return found.astype(np.int64)
