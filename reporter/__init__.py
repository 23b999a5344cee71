"""Automated quarterly labour-market report of Thailand's Ministry of Labour."""

__version__ = "0.1.0"
