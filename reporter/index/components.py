"""Principal components of panels with holes.

Goes in: a standardised panel. Comes out: the first component, its loadings and the share of variance it explains:
starting value and published cross-check of the factor model, and the anchor in the choice of forms.
"""

from __future__ import annotations

import numpy as np


def principal_component(panel: np.ndarray, rounds: int = 100) -> tuple[np.ndarray, np.ndarray, float]:
    """First principal component of a standardised panel with holes (filled by its own fit, repeatedly).

    Returns  scores (T), loadings as correlations (n), share of variance explained
    """
    missing = np.isnan(panel)
    filled = np.where(missing, 0.0, panel)
    for _ in range(rounds if missing.any() else 1):
        centre = filled.mean(axis=0)
        spread = np.where(filled.std(axis=0) > 0, filled.std(axis=0), 1.0)
        standard = (filled - centre) / spread
        values, vectors = np.linalg.eigh(standard.T @ standard / len(standard))
        vector = vectors[:, -1] * (1.0 if vectors[:, -1].sum() >= 0 else -1.0)
        scores = standard @ vector
        fitted = np.outer(scores, vector) * spread + centre
        change = np.abs(np.where(missing, fitted - filled, 0.0)).max()
        filled = np.where(missing, fitted, panel)
        if change < 1e-8:
            break
    return scores, vector * np.sqrt(max(values[-1], 0.0)), float(values[-1] / values.sum())
