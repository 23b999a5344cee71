"""One quarter from inputs to outputs; build.py has the steps on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporter.pipeline.issue_cache import BuildRequest, BuiltIssue
    from reporter.runtime.program import Progress


def build_issue(request: BuildRequest, progress: Progress) -> BuiltIssue:
    """The finished issue from the cache, or built anew; what a build needs is loaded only then. Raises as ``build.build``."""
    from reporter.pipeline import issue_cache

    if request.cache is not None and (issue := issue_cache.restored(request, progress)) is not None:
        return issue
    from reporter.pipeline import build

    return build.build(request, progress)
