"""Tests of the index against the economy: unit roots, cointegration, VAR and SVAR. In and out: ``stage.compute``."""

from reporter.index.relations.stage import compute

__all__ = ["compute"]
