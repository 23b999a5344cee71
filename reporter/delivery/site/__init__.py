"""The static website: an archive of issues that never change, and everything derived from it.

Goes in: a built issue (its folder under ``out/``) and the site's folder. Comes out: the site with the issue in it.
``archive`` holds the rules of permanence, ``checks`` looks whether they were kept, ``publish`` has the steps, ``pages`` fills the templates.
"""

from reporter.delivery.site.publish import (
    Published,
    PublishRequest,
    publish,
    rebuild,
    withdraw,
)

__all__ = ["PublishRequest", "Published", "publish", "rebuild", "withdraw"]
