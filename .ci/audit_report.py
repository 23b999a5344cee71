"""Reads a report of pip-audit: exit status 1 when a library has a known vulnerability; says what could not be asked."""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Print one line, or one per vulnerability."""
    lock = sys.argv[1]
    try:
        listed = json.load(sys.stdin)["dependencies"]
    except (ValueError, KeyError, TypeError):
        print(f"audit {lock}: SKIPPED, no answer from the vulnerability service")
        return 0
    asked = [item for item in listed if "skip_reason" not in item]
    vulnerable = [(item, found) for item in asked for found in item.get("vulns", ())]
    for item, found in vulnerable:
        mended = ", ".join(found.get("fix_versions", ())) or "no fixed version yet"
        print(f"audit {lock}: {item['name']} {item['version']} has {found['id']}; fixed in {mended}")
    if not asked:
        print(
            f"audit {lock}: SKIPPED, the vulnerability service knows none of {len(listed)} libraries or is out of reach"
        )
    else:
        skipped = f", {len(listed) - len(asked)} not known to the service" if len(asked) < len(listed) else ""
        print(f"audit {lock}: {len(asked)} libraries asked{skipped}, {len(vulnerable)} vulnerabilities")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
