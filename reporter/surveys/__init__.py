"""Surveys: from raw answers to confidence indices with honest intervals (method.md, 2 and 3; study chapter 4)."""
