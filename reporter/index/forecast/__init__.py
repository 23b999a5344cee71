"""Forecast of the composite: candidates, choice by real-time errors, intervals. In and out: ``stage.compute``."""

from reporter.index.forecast.stage import compute

__all__ = ["compute"]
