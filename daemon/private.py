"""Files of the state: for their owner's eyes only, and owned like the folder that they are in.

A command run as root works on the daemon's state; what it makes there has to stay the daemon's.
"""

from __future__ import annotations

import os
from pathlib import Path


def open_file(path: Path, flags: int) -> int:
    """A descriptor of a file that is made if it is missing (mode 0600).  OSError as it comes."""
    fd = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(fd, owner.st_uid, owner.st_gid)
    return fd


def make_folder(path: Path) -> None:
    """A folder (mode 0700) with whatever is missing above it.  OSError as it comes."""
    if path.is_dir():
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
