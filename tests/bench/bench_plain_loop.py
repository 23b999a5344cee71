"""Groups against a plain statsmodels loop: speed, likelihood and agreement, of the reporter's own model and of the same one.

Run by ``make bench``. The plain loop adjusts every series in an X-13 process of its own with an automatic model and fits
every dimension with ``DynamicFactorMQ.fit()`` as it comes, one after another. It takes minutes for all groups, so it is
timed on a seeded random sample of them and scaled up by the number of series; ``--full`` times all. Ratios are of
processor time and of elapsed time in the same run: on a machine with other work the first is the one to read.

Two comparisons, because the reporter's model is another one on purpose:

* published: the reporter's estimate, with its penalty, white noise beside the autoregressive one, AR(2) factor, quarterly
  means in place of growth weights, combined with the principal component. Both log-likelihoods are of the same
  observations in the units of the transformed series.
* same model: the model of ``DynamicFactorMQ`` on the same standardised panels, estimated by compiled kernels
  (tests/support/matched.py): by maximum likelihood, and as the plain loop's iterations do. statsmodels itself says what
  each set of parameters is worth (``loglike``) and what cycle it means (``smooth``), the first state being stationary.
  The plain fit's own ``llf`` is no likelihood of the same observations: its first state is fitted to the first of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

from reporter.domain.context import Settings
from reporter.index import factor, groups, national, seasonal, x13
from reporter.index.panel import by_group, is_monthly
from reporter.runtime.executor import Executor
from tests.bench.bench_groups import QUARTER, processor_seconds, sample_workspace
from tests.support import matched

SAMPLED = int(os.environ.get("REPORTER_BENCH_GROUPS", "6"))
MOST_ITERATIONS = 500
LOCKED_SHARE = 0.95
MOST_BELOW = 0.5
LEAST_AGREEMENT = 0.99
BATCH = 8
Members = dict[str, pd.Series]


# -------------------------------------------------------------------------------------------------- the plain loop


def plain_group(group: str, rows: pd.DataFrame, shared: groups.Shared) -> Iterator[tuple[str, Members, Any]]:
    """Dimension, its members' transformed series, the plain fit (None where it raises), of one group."""
    items = by_group(rows, shared.declarations, QUARTER).get(group, {})
    adjusted = {}
    for name, item in items.items():
        output = x13.run([x13.Spec(item.values)])[0]
        stopped = output.adjusted is None
        adjusted[name, group] = item.values if stopped else output.adjusted.where(item.values.notna())
    for dimension, members in groups.members_of(group, items, adjusted, shared).items():
        yield dimension, members, plain_fit(members)


def plain_model(members: Members) -> DynamicFactorMQ:
    monthly = {name: values for name, values in members.items() if is_monthly(values)}
    quarterly = {name: values for name, values in members.items() if not is_monthly(values)}
    if monthly and quarterly:
        return DynamicFactorMQ(pd.DataFrame(monthly), endog_quarterly=pd.DataFrame(quarterly), factors=1)
    return DynamicFactorMQ(pd.DataFrame(members), factors=1)


def plain_fit(members: Members) -> Any:
    """``DynamicFactorMQ.fit()`` with its defaults; None where it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return plain_model(members).fit(disp=False)
        except (ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError):
            return None


def has_converged(fit: Any) -> bool:
    """Whether the iterations ended by their own criterion: neither at their limit nor by a fall of the likelihood."""
    steps = np.asarray(fit.mle_retvals["llf"], dtype=float)
    return bool(fit.mle_retvals["iter"] < MOST_ITERATIONS and steps[-1] >= steps[-2] - 1e-6)


def is_locked(fit: Any, names: list[str]) -> bool:
    """Whether the plain factor is one of several series: all but a twentieth of that one, no half of any other."""
    if len(names) < 2:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shares = fit.get_coefficients_of_determination(method="individual").to_numpy()[:, 0]
    return bool(shares.max() > LOCKED_SHARE and np.sort(shares)[-2] < 0.5)


# ------------------------------------------------------------------------------------------------ the same model here


def same_model(
    batch: Sequence[tuple[str, pd.DataFrame]],
    shared: groups.Shared,
    fit: Callable[[matched.Panel], matched.Matched],
) -> list[dict[str, matched.Matched]]:
    """What ``groups.compute_batch`` does, with an estimate of the plain loop's model in place of the reporter's."""
    found = {group: by_group(rows, shared.declarations, QUARTER).get(group, {}) for group, rows in batch}
    series = {(name, group): item for group, items in found.items() for name, item in items.items()}
    adjusted = seasonal.adjust(series, shared.learn_until, groups.models_of(series, shared.models))
    return [
        {
            name: fit(matched.panel_of(members))
            for name, members in groups.members_of(group, items, adjusted.values, shared).items()
        }
        for group, items in found.items()
    ]


# ---------------------------------------------------------------------------------------------------------- comparisons


def compare(dimension: str, members: Members, plain: Any, shared: groups.Shared) -> dict[str, Any]:
    """Likelihoods and agreement of all fits of one dimension."""
    names = plain.model.endog_names  # a bare name where there is one series
    order = [names] if isinstance(names, str) else list(names)
    loglike = plain.model.loglike
    likelihood = float(loglike(plain.params))
    panel = matched.panel_of(members)
    best, alike = matched.fit(panel), matched.fit_as_em(panel)
    judged = float(loglike(best.parameters))
    assert abs(judged - best.likelihood) < 1e-3, (dimension, judged, best.likelihood)
    paths = [
        smoothed(plain.model, parameters) for parameters in (plain.params, alike.parameters, best.parameters)
    ]
    start = np.asarray(plain.model.start_params)[: len(members)]
    return {
        "dimension": dimension,
        "members": len(members),
        "converged": has_converged(plain),
        "locked": is_locked(plain, order),
        "still": bool(np.allclose(np.asarray(plain.params)[: len(members)], start, atol=1e-6)),
        "maximum": judged - likelihood,
        "alike": float(loglike(alike.parameters)) - likelihood,
        "plain terms": alike.likelihood - float(plain.llf) if panel.cycle == 1 else np.nan,
        "agreement": correlation(paths[0], paths[1]),
        "agreement of the maximum": correlation(paths[0], paths[2]),
        **published(members, plain, order, shared),
    }


def smoothed(model: DynamicFactorMQ, parameters: Any) -> np.ndarray:
    return np.asarray(model.smooth(np.asarray(parameters)).factors.smoothed)[:, 0]


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return abs(float(np.corrcoef(first, second)[0, 1]))


def published(members: Members, plain: Any, order: list[str], shared: groups.Shared) -> dict[str, float]:
    """The published estimate beside the plain one: log-likelihood in raw units, correlation by quarter."""
    polarity = {name: item.polarity for name, item in shared.declarations.indicators.items()}
    own = factor.fit(members, polarity, shared.learn_until, QUARTER)
    path = plain.factors.smoothed.iloc[:, 0]
    quarterly = path.groupby(pd.PeriodIndex(path.index).asfreq("Q-DEC")).mean()
    both = pd.concat([own.value, quarterly], axis=1).dropna().to_numpy()
    scales = pd.Series(np.asarray(plain.model._endog_std, dtype=float).ravel(), order)[list(members)]
    return {
        "published": in_raw_units(own.log_likelihood, members, own.model.scale)
        - in_raw_units(float(plain.llf), members, scales.to_numpy()),
        "published agreement": correlation(both[:, 0], both[:, 1]),
    }


def in_raw_units(likelihood: float, members: Mapping[str, pd.Series], scales: np.ndarray) -> float:
    """Log-likelihood of the series themselves, from that of their standardised values."""
    seen = np.array([values.notna().sum() for values in members.values()])
    return float(likelihood - (seen * np.log(scales)).sum())


# -------------------------------------------------------------------------------------------------------------- report


def main() -> None:
    """Print ratios and counts."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = sample_workspace(Path(folder) / "workspace")
        observations = workspace.observations(None)
    declarations = workspace.declarations
    country = observations[observations["group"] == "TH"]
    nation = national.compute(country, declarations, QUARTER, settings=Settings())
    shared = groups.shared_of(declarations, QUARTER, nation)
    present = set(observations["group"])
    codes = [group.code for kind in groups.KINDS for group in declarations.groups_of(kind)]
    codes = [code for code in codes if code in present]
    picked = codes
    if "--full" not in sys.argv:
        picked = sorted(np.random.default_rng(7).choice(codes, SAMPLED, replace=False).tolist())
    rows = {code: observations[observations["group"] == code] for code in codes}
    plain = speed(observations, nation, rows, picked, shared)
    likelihoods(plain, shared)


def speed(
    observations: pd.DataFrame,
    nation: dict[str, pd.DataFrame],
    rows: dict[str, pd.DataFrame],
    picked: list[str],
    shared: groups.Shared,
) -> dict[str, list[tuple[str, Members, Any]]]:
    """Time all three, print the ratios; the plain fits by group."""
    declarations, sample = shared.declarations, [(code, rows[code]) for code in picked]
    for fit in (matched.fit, matched.fit_as_em):
        same_model(sample[:1], shared, fit)  # compiles the kernels
    counts = observations.groupby("group")["indicator"].nunique()
    scale = float(counts[list(rows)].sum() / counts[picked].sum())
    started, used = time.perf_counter(), processor_seconds()
    plain = {code: list(plain_group(code, own, shared)) for code, own in sample}
    plain_elapsed, plain_used = (time.perf_counter() - started) * scale, processor_seconds() - used

    def own(codes: list[str], jobs: int) -> None:
        part = observations if len(codes) == len(rows) else pd.concat(rows[code] for code in codes)
        with Executor(jobs) as executor:
            groups.compute(part, declarations, QUARTER, national=nation, executor=executor)

    def same(codes: list[str], jobs: int, fit: Callable[[matched.Panel], matched.Matched]) -> None:
        batches = [
            [(code, rows[code]) for code in codes[at : at + BATCH]] for at in range(0, len(codes), BATCH)
        ]
        with Executor(jobs) as executor:
            list(executor.map(partial(same_model, shared=shared, fit=fit), batches))

    print(
        f"{len(rows)} groups; plain loop timed on {len(picked)} of them, {scale:.1f} times as many series in all"
    )
    runs = {
        "the reporter": own,
        "the same model, estimated as the plain loop does": partial(same, fit=matched.fit_as_em),
        "the same model, by maximum likelihood": partial(same, fit=matched.fit),
    }
    for name, run in runs.items():
        used = processor_seconds()
        run(picked, 1)
        used = processor_seconds() - used
        started = time.perf_counter()
        run(list(rows), 2)
        elapsed = time.perf_counter() - started
        print(
            f"{name}: {elapsed:.0f} s with two processes, plain loop {plain_elapsed:.0f} s (scaled up): ratio {plain_elapsed / elapsed:.1f} (needed 20); load {os.getloadavg()[0]:.1f}"
        )
        print(
            f"  processor time per group {used / len(picked):.2f} s, plain {plain_used / len(picked):.2f} s: ratio {plain_used / used:.1f} on one core, twice that on two",
            flush=True,
        )
    return plain


def likelihoods(plain: dict[str, list[tuple[str, Members, Any]]], shared: groups.Shared) -> None:
    """Likelihood and agreement, printed."""
    table = pd.DataFrame(
        [
            {"group": code, **compare(name, members, fit, shared)}
            for code, fits in plain.items()
            for name, members, fit in fits
            if fit is not None
        ]
    )
    fits = sum(len(found) for found in plain.values())
    fair = table[table["converged"] & ~table["locked"] & (table["members"] > 1)]
    lone = table[table["converged"] & (table["members"] == 1)]
    print(
        f"plain fits: {fits}, of which {fits - len(table)} raised, {int((~table['converged']).sum())} broke off or did not converge, {int(table['locked'].sum())} locked on to one series; {int(table['still'].sum())} left the loadings where they started"
    )
    for name, column in {
        "by maximum likelihood": "maximum",
        "estimated as the plain loop does": "alike",
    }.items():
        by_group_ = table[table["converged"]].groupby("group")[column].sum()
        print(
            f"same model, {name}: log-likelihood per group, ours less the plain fit's where that converged: median {by_group_.median():+.1f}, smallest {by_group_.min():+.2f}, {int((by_group_ < -MOST_BELOW).sum())} of {len(by_group_)} below -0.5 (needed none); smallest of all dimensions {table[column].min():+.2f}"
        )
    terms = fair["plain terms"].dropna()
    print(
        f"  on the plain fit's own terms, its first state fitted and the first observations left out (dimensions of one frequency): median {terms.median():+.2f}, smallest {terms.min():+.2f}, {int((terms < -MOST_BELOW).sum())} of {len(terms)} below -0.5"
    )
    agreement = fair["agreement"]
    print(
        f"same model, estimated as the plain loop does: correlation of the cycles where the plain fit converged unlocked on several series: median {agreement.median():.4f}, smallest {agreement.min():.4f}, {int((agreement > LEAST_AGREEMENT).sum())} of {len(fair)} above 0.99 (needed all)"
    )
    freed = fair["agreement of the maximum"]
    print(
        f"  with the loadings free, whose likelihood is higher: median {freed.median():.4f}, {int((freed > LEAST_AGREEMENT).sum())} of {len(fair)} above 0.99; of {len(lone)} dimensions of one series, where nothing is shared, {int((lone['agreement'] > LEAST_AGREEMENT).sum())}"
    )
    apart = fair["published agreement"]
    print(
        f"published estimate, another model on purpose: log-likelihood by dimension, ours less the plain one: median {table['published'].median():+.1f}; correlation with the plain cycles: median {apart.median():.4f}, {int((apart > LEAST_AGREEMENT).sum())} of {len(fair)} above 0.99"
    )


if __name__ == "__main__":
    main()
