"""Root gives up its rights before it touches the state of somebody else.

A state folder belongs to a user, who can put anything into it at any moment: a link to /etc/shadow under the name of
the ledger, a second name of a file of root's, another folder in place of this one.  No check before a write is safe
from that, but a process without root's rights is: it can do no more than that user can.

One right may have to stay, to read and to walk (CAP_DAC_READ_SEARCH, capabilities(7)).  With DynamicUser= the state is
/var/lib/private/unbusy, and /var/lib/private is closed to all but root.  A descriptor of the folder that was opened
before is no way round it: SQLite from 3.39 on follows every element of a path by lstat(), those behind
/proc/self/fd/N and the working directory too ("unable to open database file", measured with 3.40.1), and a private
mount would need more rights than root has in a container.  The right is kept only where the state or the program
cannot be reached without it; it writes nothing, and no program that is started from here inherits it.
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from msgspec import Struct

from daemon.model.errors import RefusedError

_MOST_LINKS = 40  # as the kernel
_KEEP_CAPABILITIES = 8  # PR_SET_KEEPCAPS, prctl(2)
_VERSION_3 = 0x20080522  # _LINUX_CAPABILITY_VERSION_3, capset(2)
_DAC_READ_SEARCH = 1 << 2


class _Owned(Struct, frozen=True):
    """The first element of a path that is not root's."""

    path: Path
    uid: int
    gid: int


def act_as_owner(path: Path) -> None:
    """As root, become the user to whom a path belongs, for good; nothing for other users and what is root's.

    `path` need not exist yet.  It is that user's from the first element on that is not root's, also if that is a link.
    RefusedError where the kernel does not allow it.
    """
    if os.geteuid() != 0 or not (owned := _owned(path)):
        return
    try:
        _become(owned)
    except OSError as e:
        raise RefusedError(
            f"{owned.path} belongs to the user {owned.uid}, and root cannot act as that user here ({e.strerror})",
            f"run unbusy as that user, for example with `sudo -u '#{owned.uid}'`",
        ) from e


def _owned(path: Path) -> _Owned | None:
    here, links = Path("/"), 0
    todo = list(reversed(path.absolute().parts[1:]))
    while todo:
        name = todo.pop()
        if name == "..":
            here = here.parent
            continue
        element = here / name
        try:
            found = element.lstat()
        except OSError:  # what is missing, whoever owns the folder above makes; what is in the way, its opening tells
            return None
        if found.st_uid:
            return _Owned(element, found.st_uid, _group(found))
        if not stat.S_ISLNK(found.st_mode):
            here = element
        elif (links := links + 1) <= _MOST_LINKS:
            target = element.readlink()
            here = Path("/") if target.is_absolute() else here
            todo += reversed([part for part in target.parts if part != "/"])
    return None


def _group(found: os.stat_result) -> int:
    """The group of a user; systemd knows its dynamic ones only while they run, and their files are of their group."""
    try:
        return pwd.getpwuid(found.st_uid).pw_gid
    except KeyError:
        return found.st_gid or found.st_uid


def _become(owned: _Owned) -> None:
    import ctypes  # noqa: PLC0415  only root needs it

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_KEEP_CAPABILITIES, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(owned.gid, owned.gid, owned.gid)
    os.setresuid(owned.uid, owned.uid, owned.uid)  # from here on no capability is in effect

    def keep(capabilities: int) -> bool:
        header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(capabilities, capabilities)  # effective, permitted; nothing is inherited
        return bool(libc.capset(header, sets) == 0)

    within_reach = all(os.access(p, os.R_OK) for p in (owned.path, __file__, os.__file__))
    if not (keep(0 if within_reach else _DAC_READ_SEARCH) or keep(0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
