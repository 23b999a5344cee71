"""Ordinal check of the linear scores: does the story change if 5 to 1 are only an order? (hearing 5.4, no. 3)

Goes in: one ``Sample`` per quarter. Comes out: ``ordinal_check``. Model: ordered probit of all answers with thresholds
of each item's own and one mean per quarter,

    P(rating of item k in quarter t <= c) = Phi(threshold_kc - latent_t),   latent of the first quarter = 0,

fitted by maximum likelihood on the counts of answers (McCullagh 1980). Items count as in the index: all alike for
employers, every domain alike for workers. Whole country, unweighted standard normal errors.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import optimize, stats

from reporter.domain import schema
from reporter.domain.declarations import Questionnaire
from reporter.domain.periods import iso
from reporter.surveys.confidence import Design, design_of
from reporter.surveys.indices import Levels
from reporter.surveys.sample import Sample

_TINY = 1e-12
_WIDEST = 8.0


def ordinal_table(
    samples: Mapping[pd.Period, Sample], questionnaire: Questionnaire, levels: Levels
) -> pd.DataFrame:
    """``ordinal_check``: linear index, latent mean, and their ranks over the quarters (1: highest)."""
    if not samples:
        return schema.empty("ordinal_check")
    periods = list(samples)
    counts = np.stack([samples[period].counts for period in periods], axis=1)
    latent = latent_means(counts, _item_weights(design_of(questionnaire)))
    linear = np.array([levels.estimates[period]["TH"].value[0, 0] for period in periods])
    return pd.DataFrame(
        {
            "survey": questionnaire.id,
            "period": [iso(period) for period in periods],
            "linear": linear,
            "latent": latent,
            "rank_linear": stats.rankdata(-linear, method="min").astype(float),
            "rank_latent": stats.rankdata(-np.round(latent, 9), method="min").astype(float),
        }
    )


def _item_weights(design: Design) -> np.ndarray:
    """Weight of an item's answers, mean 1."""
    weights = design.shares(np.ones(len(design.membership)))[:, 0]
    return np.asarray(weights / weights.mean())


def latent_means(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Latent mean of every quarter, standard deviations from the first.

    counts   item x quarter x category; an item not asked has zeros
    weights  of the items; every item and quarter counts by its weight, however many answered
    """
    items, quarters, categories = counts.shape
    if quarters == 1:
        return np.zeros(1)
    answers = counts.sum(axis=2, keepdims=True)
    shares = np.divide(counts, answers, out=np.zeros_like(counts, dtype=float), where=answers > 0)
    shares = shares * weights[:, None, None] / (items * quarters)
    start = np.concatenate([np.zeros(quarters - 1), _starting_thresholds(shares)])
    bounds = [(-_WIDEST, _WIDEST)] * (quarters - 1)
    bounds += ([(-_WIDEST, _WIDEST)] + [(np.log(1e-4), np.log(_WIDEST))] * (categories - 2)) * items
    fitted = optimize.minimize(
        _negative_log_likelihood,
        start,
        args=(shares,),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9},
    )
    return np.concatenate([[0.0], fitted.x[: quarters - 1]])


def _starting_thresholds(shares: np.ndarray) -> np.ndarray:
    """Thresholds of the pooled answers of each item: the first, then the logs of the gaps."""
    pooled = shares.sum(axis=1) + 1e-6
    cumulated = np.cumsum(pooled / pooled.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    thresholds = stats.norm.ppf(np.clip(cumulated, 1e-6, 1 - 1e-6))
    gaps = np.log(np.clip(np.diff(thresholds, axis=1), 1e-3, _WIDEST))
    return np.column_stack([thresholds[:, :1], gaps]).ravel()


def _negative_log_likelihood(parameters: np.ndarray, shares: np.ndarray) -> tuple[float, np.ndarray]:
    """Of item x quarter x category shares, with its gradient."""
    items, quarters, categories = shares.shape
    latent = np.concatenate([[0.0], parameters[: quarters - 1]])
    raw = parameters[quarters - 1 :].reshape(items, categories - 1)
    steps = np.column_stack([raw[:, :1], np.exp(raw[:, 1:])])
    cuts = np.cumsum(steps, axis=1)[:, None, :] - latent[None, :, None]
    below = np.concatenate(
        [np.zeros((items, quarters, 1)), stats.norm.cdf(cuts), np.ones((items, quarters, 1))], axis=2
    )
    probability = np.clip(np.diff(below, axis=2), _TINY, None)
    ratio = shares / probability
    density = np.exp(-(cuts**2) / 2) / np.sqrt(2 * np.pi)
    by_cut = density * (ratio[:, :, :-1] - ratio[:, :, 1:])  # d logL / d cut
    by_step = np.cumsum(by_cut.sum(axis=1)[:, ::-1], axis=1)[:, ::-1]
    by_raw = np.column_stack([by_step[:, :1], by_step[:, 1:] * steps[:, 1:]])
    gradient = np.concatenate([-by_cut.sum(axis=(0, 2))[1:], by_raw.ravel()])
    return -float((shares * np.log(probability)).sum()), -gradient
