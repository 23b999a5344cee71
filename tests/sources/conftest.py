"""The loopback server for every test of data services."""

from loopback import server

__all__ = ["server"]
