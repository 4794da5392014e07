"""A real process on a real folder: killed at each named point and at random moments, and refused by the kernel.

`make test` tries a few; with UNBUSY_TORTURE=1 in the environment all of them.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from faults import Scene, scene
from power import POINTS

TORTURE = bool(os.environ.get("UNBUSY_TORTURE"))
long = pytest.mark.skipif(not TORTURE, reason="takes minutes; `make torture`")

APPLY = ("apply", "--yes", "--force")
FEW = (("before commit", 0), ("after rewrite", 0), ("after intend", 2), ("after create", 0), ("after delete", 0))
NEVER = ("annotate", "respond", "retract", "take_up", "put")
"""Effects that this scene does not have."""

CALLS = {
    "fsync": "fsync",
    "fdatasync": "fdatasync",
    "write": "write",
    "pwrite64": "pwrite64",
    "ftruncate": "ftruncate",
    "rename": "?rename,?renameat,?renameat2",
    "link": "?link,?linkat",
    "unlink": "?unlink,?unlinkat",
}
"""What the kernel is told to refuse, one call after the other, with the names that it has on other machines."""

ONCE, FOR_GOOD = "", "+"
"""Whether what follows the refused call is refused as well, as on a full disk."""

REFUSALS = (*((call, ONCE) for call in CALLS), ("fsync", FOR_GOOD), ("fdatasync", FOR_GOOD), ("pwrite64", FOR_GOOD))
STRIDES = {("pwrite64", ONCE): 5, ("pwrite64", FOR_GOOD): 25, ("fdatasync", FOR_GOOD): 5}
"""SQLite makes hundreds of these, three for each page of its journal (number, page, checksum): every fifth meets each
kind in turn, and each error."""

ERRORS = ("EIO", "ENOSPC")
"""How: in turns."""


MINOR = re.compile(r'write\(1<[^>]*>, "", 0\)|sync\(\d+<[^>]*/(state|Work)>\)|cycle\.lock|unlink\w*\([^)]*\.tmp|\blink')
"""What may be refused without a word: the fsync of a folder, which some file systems cannot do (in the journal's it is
told, for that is what a deletion waits for); the holder's name in the lock; what stays behind hidden; a hard link; and
an output of nothing."""


@pytest.fixture(scope="module")
def there() -> Iterator[Scene]:
    with scene() as made:
        yield made


def test_the_scene_has_work_of_every_kind(there: Scene) -> None:
    there.reset()
    assert {c.split()[0] for c in there.life.changes()} == {"create", "update", "delete"}
    assert any("Skipped" in text for text in there.written.values())


@pytest.mark.parametrize(("point", "after"), FEW)
def test_killed_at_a_point(there: Scene, point: str, after: int) -> None:
    there.reset()
    assert there.crash(point, after, *APPLY)
    there.check(f"killed {point}, {after} times passed")


@long
@pytest.mark.parametrize("point", [p for p in POINTS if not p.endswith(NEVER)])
def test_killed_at_each_point(there: Scene, point: str) -> None:
    for after in count():
        there.reset()
        if not there.crash(point, after, *APPLY):
            break
        there.check(f"killed {point}, {after} times passed")
    tell(point, after)


@long
@pytest.mark.parametrize("command", [APPLY, ("run",)], ids=["apply", "run"])
def test_killed_at_a_random_moment(there: Scene, command: tuple[str, ...]) -> None:
    """Early and late: the wait follows what the last one led to, however quick this machine is just now."""
    drawn = random.Random(7)  # noqa: S311  no secret
    begun, long = [], duration(there)
    for _ in range(60):
        there.reset()
        process, wait = there.start(*command), drawn.uniform(0.7, 1.1) * long
        with process:
            time.sleep(wait)
            process.kill()
            process.communicate()
        begun.append(there.ours() != there.before)
        long *= 0.93 if begun[-1] else 1.08
        there.check(f"`{command[0]}` killed after {wait:.3f} s")
    assert any(begun)
    assert not all(begun)
    tell(f"kills of `{command[0]}`, once it had begun", sum(begun))


def duration(there: Scene) -> float:
    """Of an undisturbed run, in seconds."""
    there.reset()
    start = time.monotonic()
    there.run(*APPLY)
    return time.monotonic() - start


def strace(call: str, fault: str, when: str, log: Path) -> list[str]:
    return [
        "strace", "-f", *(["--seccomp-bpf"] if "error" in fault else []), "-qq", "-y", "-o", str(log),
        "-e", f"trace={CALLS[call]}", "-e", f"inject={CALLS[call]}:{fault}:when={when}",
        sys.executable, "-m", "daemon",
    ]  # fmt: skip


def no_strace() -> str:
    """Why there can be no tracing here, '' if there can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], capture_output=True, check=False
    )
    return f"strace cannot trace here: {tried.stderr.decode().strip()}" if tried.returncode else ""


@long
@pytest.mark.parametrize(("call", "lasting"), REFUSALS, ids=map("".join, REFUSALS))
def test_the_kernel_refuses_one_call_after_the_other(there: Scene, tmp_path: Path, call: str, lasting: str) -> None:
    if why := no_strace():
        pytest.skip(why)
    log, stride = tmp_path / "log", STRIDES.get((call, lasting), 1)
    for tried in count():
        there.reset()
        error, when = ERRORS[tried % len(ERRORS)], f"{1 + tried * stride}{lasting}"
        code, said = there.run(*APPLY, before=strace(call, f"error={error}", when, log))
        refused = [line for line in log.read_text().splitlines() if "(INJECTED)" in line]
        if not refused:
            assert code == 0, said
            break
        assert code >= 0, said
        assert code or all(map(MINOR.search, refused)), f"{refused} was not told: {code}, {said}"
        assert "Traceback" not in said, said
        there.check(f"{error} from {call} number {when} ({said.splitlines()[-1:]})")
    tell(call, tried)


@long
@pytest.mark.parametrize("call", [c for c in CALLS if c != "pwrite64"])
def test_killed_at_one_call_after_the_other(there: Scene, tmp_path: Path, call: str) -> None:
    """As it begins, so that what was done before it is done and the rest is not; SQLite has its own tests of that."""
    if why := no_strace():
        pytest.skip(why)
    for tried in count():
        there.reset()
        code, said = there.run(*APPLY, before=strace(call, "signal=SIGKILL", f"{1 + tried}", tmp_path / "log"))
        if code == 0:
            break
        assert code in (-9, 137), said
        there.check(f"killed at {call} number {1 + tried}")
    tell(call, tried)


def tell(what: str, tried: int) -> None:
    """How many faults that were; none would prove nothing."""
    assert tried, f"no {what} is ever made"
    print(f" {what}: {tried}", end=" ", flush=True)  # noqa: T201  `make torture` shows it
