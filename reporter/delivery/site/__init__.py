"""The static website: an archive of issues that never change, and everything derived from it.

Goes in: a built issue (its folder under ``out/``) and the site's folder. Comes out: the site with the issue in it.
``archive`` holds the rules of permanence, ``tree`` puts files in place and checks that the rules were kept, ``publish`` has the steps,
``pages`` fills the templates.
"""

from reporter.delivery.site.publish import (
    Published,
    PublishRequest,
    publish,
    rebuild,
    withdraw,
)

__all__ = ["PublishRequest", "Published", "publish", "rebuild", "withdraw"]
