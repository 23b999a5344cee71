"""The loopback server for every test of data services."""

from tests.support.loopback import server

__all__ = ["server"]
