"""Quality of a questionnaire: agreement of experts (IOC) and internal consistency (Cronbach's alpha).

Goes in: experts' marks -1, 0, 1 per item; answers of a pilot. Comes out: tables with verdicts. Method: study 4.1.4:
IOC = sum R / N, items from 0.50 on are kept; alpha = k/(k-1) (1 - sum s_i^2 / s_total^2), from 0.7 exploratory, 0.8
basic, 0.9 important research. Variances and covariances are those of respondents who answered both items, which for
complete answers is the formula itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from reporter.domain.declarations import Name, Questionnaire
from reporter.domain.errors import Finding, InputError
from reporter.domain.periods import arabic_digits
from reporter.surveys.source import read_grids

KEEP_FROM = 0.50
EXPERTS = 3
_BANDS = (
    (0.9, Name("ใช้ได้กับงานวิจัยที่สำคัญ", "important research")),
    (0.8, Name("ใช้ได้กับงานวิจัยพื้นฐาน", "basic research")),
    (0.7, Name("ใช้ได้กับงานวิจัยเชิงสำรวจ", "exploratory research")),
)
_BELOW = Name("ต่ำกว่าเกณฑ์", "below the criterion")


def read_ioc(path: Path) -> pd.DataFrame:
    """Experts' marks, one row per item: first column the item, one column per expert. Raises InputError."""
    grid = read_grids(path, path.name)[0]
    header, body = grid.row(0), grid.cells.iloc[1:]
    findings = []
    marks = np.full((len(body), len(header) - 1), np.nan)
    for row, (number, cells) in enumerate(body.iterrows()):
        for column in range(1, len(header)):
            text = arabic_digits(str(cells.iloc[column])).strip().removeprefix("+").replace("\u2212", "-")
            if text in ("-1", "0", "1"):
                marks[row, column - 1] = int(text)
            elif text:
                findings.append(
                    Finding(
                        "error",
                        path.name,
                        f'พบ "{text}" — คะแนนผู้เชี่ยวชาญต้องเป็น -1, 0 หรือ 1',
                        f'Found "{text}"; an expert\'s mark is -1, 0 or 1.',
                        row=int(str(number)) + 1,
                        column=header[column],
                    )
                )
    if findings:
        raise InputError(f"อ่าน {path.name} ไม่ได้", f"{path.name} cannot be read.", findings)
    return pd.DataFrame(marks, columns=header[1:], index=pd.Index(body.iloc[:, 0].astype(str), name="item"))


def is_ioc(path: Path) -> bool:
    """Whether a file looks like experts' marks: every cell below the header and behind the item is -1, 0, 1 or empty."""
    grid = read_grids(path, path.name)[0]
    cells = grid.cells.iloc[1:, 1:]
    texts = {arabic_digits(str(text)).strip() for text in cells.to_numpy().ravel()}
    return grid.row(0)[0].strip().lower() in ("item", "ข้อ", "ข้อคำถาม") and texts <= {
        "-1",
        "0",
        "1",
        "+1",
        "",
        "\u22121",
    }


def ioc(marks: pd.DataFrame) -> pd.DataFrame:
    """``item,experts,ioc,keep``: mean mark per item; kept from 0.50 on. Few experts are the caller's to mention."""
    return pd.DataFrame(
        {
            "item": marks.index,
            "experts": marks.notna().sum(axis=1).to_numpy(),
            "ioc": marks.mean(axis=1).to_numpy(),
            "keep": (marks.mean(axis=1) >= KEEP_FROM - 1e-12).to_numpy(),
        }
    )


def alpha_table(points: np.ndarray, questionnaire: Questionnaire) -> pd.DataFrame:
    """``domain,items,n,alpha,band``: the whole questionnaire and every domain of at least two items.

    points  respondent x item, negative items already turned, NaN for no answer
    """
    scopes: list[tuple[str, np.ndarray]] = [("overall", np.arange(len(questionnaire.items)))]
    for domain in questionnaire.domains:
        inside = [n for n, item in enumerate(questionnaire.items) if item.domain == domain.id]
        scopes.append((domain.id, np.array(inside)))
    rows = []
    for name, places in scopes:
        asked = places[~np.isnan(points[:, places]).all(axis=0)]
        value = alpha(covariances(points[:, asked]))
        n = int((~np.isnan(points[:, asked])).any(axis=1).sum())
        rows.append((name, len(asked), n, value, band(value).th if len(asked) > 1 else ""))
    return pd.DataFrame(rows, columns=["domain", "items", "n", "alpha", "band"])


def item_table(points: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
    """``item,n,mean,sd,item_total,alpha_if_dropped``; item-total against the sum of the other items."""
    covariance = covariances(points)
    variance = np.diag(covariance)
    own = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * own + variance
    with np.errstate(divide="ignore", invalid="ignore"):
        item_total = (own - variance) / np.sqrt(variance * rest)
        mean = np.nansum(points, axis=0) / (~np.isnan(points)).sum(axis=0)
    dropped = [alpha(np.delete(np.delete(covariance, k, 0), k, 1)) for k in range(len(columns))]
    return pd.DataFrame(
        {
            "item": list(columns),
            "n": (~np.isnan(points)).sum(axis=0),
            "mean": mean,
            "sd": np.sqrt(variance),
            "item_total": item_total,
            "alpha_if_dropped": dropped,
        }
    )


def covariances(points: np.ndarray) -> np.ndarray:
    """Sample covariances of items over respondents who answered both; NaN where fewer than two did."""
    answered = (~np.isnan(points)).astype(float)
    filled = np.nan_to_num(points).astype(np.float64)
    both = answered.T @ answered
    with np.errstate(divide="ignore", invalid="ignore"):
        products = filled.T @ filled
        means = filled.T @ answered  # sum of item k over those who also answered item j
        covariance = (products - means * means.T / both) / (both - 1)
    return np.asarray(np.where(both > 1, covariance, np.nan))


def alpha(covariance: np.ndarray) -> float:
    """Cronbach's alpha of a covariance matrix; NaN for fewer than two items or no variance."""
    items = len(covariance)
    total = covariance.sum()
    if items < 2 or not total > 0:
        return float("nan")
    return float(items / (items - 1) * (1 - np.trace(covariance) / total))


def band(value: float) -> Name:
    """What an alpha is good for (study 4.1.4)."""
    return next((name for least, name in _BANDS if value >= least), _BELOW)
