"""Whether another package has put files where unbusy's are: their names at the top are common ones.

The distribution `python-daemon` also has a package `daemon`.  pip writes the one over the other, and says nothing.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("daemon", "connectors", "policies")


def clash() -> str:
    """What stands in the way of unbusy, '' for nothing."""
    here = Path(__file__).parent.parent
    if (here / "pidfile.py").exists() or (here / "daemon.py").exists():
        return f"python-daemon has put its files into {here}, where those of unbusy are"
    return next((f"{there} is not unbusy's" for there in map(_elsewhere, PACKAGES) if there), "")


def _elsewhere(package: str) -> str:
    """Where a package of another program is found under the name of one of ours, '' where ours is."""
    loaded = sys.modules.get(package)
    spec = loaded.__spec__ if loaded else find_spec(package)
    origin = spec.origin if spec else None
    if origin and "unbusy" in Path(origin).read_text(errors="replace")[:200]:
        return ""
    return origin or f"the package {package}"
