"""Measures from declared formulas: the study's statistical annex, the ministry's budget, warning signals.

``annex``    91 indicators of the labour market and of the ministry's work, from raw counts or delivered rates
``fiscal``   the budget's pace; months and quarters of a series
``signals``  early warning: signals, turning points, usefulness, the diffusion index
"""

from reporter.measures.annex import Annex, aggregate_of, annex_inputs, compute_annex, load_annex
from reporter.measures.fiscal import at_frequency, compute_fiscal
from reporter.measures.signals import compute_signals

__all__ = [
    "Annex",
    "aggregate_of",
    "annex_inputs",
    "at_frequency",
    "compute_annex",
    "compute_fiscal",
    "compute_signals",
    "load_annex",
]
