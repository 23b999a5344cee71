"""Typesetting: one HTML document to one PDF that can be searched, archived and heard (docs/print.md)."""

from reporter.pdf.checks import check
from reporter.pdf.coverage import unsupported
from reporter.pdf.model import Attachment, Metadata
from reporter.pdf.process import Standby
from reporter.pdf.typesetter import typeset

__all__ = ["Attachment", "Metadata", "Standby", "check", "typeset", "unsupported"]
