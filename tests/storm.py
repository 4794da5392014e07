"""A user on Tuesday whose calendar stands on a real server behind a proxy that fails; and what must be true afterwards.

Everything at once is to be done for them: create, change, delete, note a skip.  `reset` brings all of it back, on the
server and here, so that each fault meets the same cycle.
"""

from __future__ import annotations

import io
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from msgspec.structs import replace

from connectors.rfc5545 import codec
from daemon.cli import main
from daemon.model.event import ResourceRef
from daemon.model.protocols import Resource
from daemon.planning.snapshots import observed
from faults import POLICIES
from living import Life
from machine import EVER
from making import ZONE
from proxy import ENDLESS, FAULTS, Fault, Proxy, elsewhere, proxied, redirects
from servers import PASSWORD, ROOMS, Server
from shelves import Dav

TIMEOUT = 60
"""Seconds that unbusy gives a request: more than any takes, however busy the machine is."""

IMPATIENT = 2
"""Seconds that it gives one where an answer never ends."""

DEADLINE = 600
"""Seconds within which a run ends, whatever happens to one of its requests, also on a machine with much else to do."""

NOW = "2026-12-01T07:00"
TOP = 'horizon = "1d"'
AWAY = f"{TOP}\n[[away]]\nfrom = 2026-12-03\nto = 2026-12-04\n"
"""What stands on these days goes."""
MONDAYS = POLICIES.format(title="Focus", goal="8h", overload="false", reflection="true")
TUESDAYS = POLICIES.format(title="Focus", goal="11h", overload="false", reflection="true")
TYPED = b"Stopped at chapter 3"


class Storm:
    """Use `storm`.  `foreign`: what is not ours, byte for byte."""

    def __init__(self, base: Path, server: Server, proxy: Proxy, other: Proxy) -> None:
        self.base, self.proxy, self.other = base, proxy, other
        self.account = server.account()
        self.life = Life(
            base / "now", policies=MONDAYS, top=TOP, store=Dav(self.account, f"{proxy.origin}/", timeout=TIMEOUT)
        )
        self.faults: dict[str, Fault] = dict(FAULTS) | {
            f"redirect {status}": redirects(status, other.origin) for status in (301, 302, 307, 308)
        }
        self._begin()
        for source, kept in self._kept():
            shutil.copytree(source, kept, symlinks=True)
        self.foreign = self._foreign()
        self._goals: dict[bool, tuple[object, object]] = {}
        for first_contact in (False, True):
            self.reset(first_contact=first_contact)
            self._goals[first_contact] = self._recovered()

    def _begin(self) -> None:
        life = self.life
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
            life.meet(f"{day} 13:00-16:00", title="Vendor")
        life.apply()
        life.delete(max(life.ours()))
        life.edit("2026-W49/3", ("DESCRIPTION", TYPED.decode()))
        life.meet("Wed 09:00-11:00", title="Fire")
        life.now = life.now.replace(day=1, month=12)
        life.configure(TUESDAYS, AWAY)

    def _kept(self) -> list[tuple[Path, Path]]:
        return [(self.life.base, self.base / "before"), (self.account.folder, self.base / "server")]

    def reset(self, *, first_contact: bool = False) -> None:
        """As it was; on first contact nothing is known but the journal, as after a lost ledger."""
        self._first_contact = first_contact
        self.proxy.heal()
        for source, kept in self._kept():
            shutil.rmtree(source)
            shutil.copytree(kept, source, symlinks=True)
        if first_contact:
            self.life.lose_ledger()

    # -- a run ----------------------------------------------------------------------------------------------------

    def run(self, *command: str) -> tuple[int, str]:
        """Exit code and all that it said.  It ends within the deadline."""
        said, codes = io.StringIO(), list[int]()
        arguments = ["--config", str(self.life.base / "config.toml"), "--now", NOW, *command]

        def work() -> None:
            with redirect_stdout(said), redirect_stderr(said):
                codes.append(main(arguments))

        thread = Thread(target=work, daemon=True)
        thread.start()
        thread.join(DEADLINE)
        assert not thread.is_alive(), "it hangs"
        assert codes, said.getvalue()
        return codes[0], said.getvalue()

    def strike(self, name: str, at: int) -> bool:
        """A run of which one request goes wrong; False when it did not make that many."""
        if name in ENDLESS:
            config = self.life.base / "config.toml"
            config.write_text(config.read_text().replace(f"timeout = {TIMEOUT}", f"timeout = {IMPATIENT}"))
        self.proxy.fail(self.faults[name], at=at)
        code, said = self.run("apply", "--yes", *(["--force"] if name != "empty" else []))  # which takes it for true
        met = self.proxy.refused or len(self.proxy.seen) >= at
        self.proxy.heal()
        what = f"{name} at request {at}: exit {code}, {said}"
        assert "Traceback" not in said, what
        assert code in (0, 1, 2, 3, 4, 5), what  # 2: the server says that there is no calendar of that name
        if code not in (0, 5):
            assert "http" in said or "work" in said, f"nothing tells what failed: {what}"
        self._no_secrets(said)
        return met

    def _no_secrets(self, said: str) -> None:
        assert self.other.seen == [], "something was sent to another origin"
        pair = b64encode(f"{self.account.username}:{PASSWORD}".encode()).decode()
        kept = b"".join(p.read_bytes() for p in (self.life.base / "state").rglob("*") if p.is_file())
        for secret in (PASSWORD, pair):
            assert secret not in said
            assert secret.encode() not in kept

    # -- afterwards -----------------------------------------------------------------------------------------------

    def check(self, what: str) -> None:
        """Nothing is lost, nothing is there twice, and clean runs lead where they lead without the fault."""
        assert self._foreign() == self.foreign, f"{what}: a foreign event has changed"
        typed = [n for n in self.life.names() if TYPED in self.life.get(n)]
        assert len(typed) == 1, f"{what}: what the user typed is gone"
        stands, journal = self._recovered()
        expected, written = self._goals[self._first_contact]
        other = sorted(n for n in {*stands, *expected} if stands.get(n) != expected.get(n))
        assert not other, f"{what}: it leads elsewhere: {other}"
        assert journal == written, f"{what}: the journal differs"
        assert self._foreign() == self.foreign, f"{what}: a foreign event has changed"

    def _recovered(self) -> tuple[dict[str, object], dict[str, str]]:
        """What stands, and the journal, after two clean runs and a third that finds nothing to do."""
        for _ in range(2):
            self.life.apply(force=True)
        assert self.life.changes() == []
        return self._ours(), self._journal()

    def _ours(self) -> dict[str, object]:
        out: dict[str, object] = {}
        for name in self.life.names():
            if name.startswith("unbusy-"):
                resource = Resource(ResourceRef("work/Work", name, ""), self.life.get(name))
                (event,) = codec.reading(resource, EVER, ZONE).events
                mark = codec.peek(resource.payload).mark
                out[name] = mark and replace(mark, by=""), observed(event)  # each ledger draws a name of its own
        return out

    def _foreign(self) -> dict[str, bytes]:
        return {n: self.life.get(n) for n in self.life.names() if not n.startswith("unbusy-")}

    def _journal(self) -> dict[str, str]:
        folder = self.life.base / "state/journal"
        return {p.name: p.read_text() for p in folder.iterdir()} if folder.is_dir() else {}


@contextmanager
def storm(server: Server) -> Iterator[Storm]:
    """A scene on a server, with a room of its own in memory."""
    with (
        TemporaryDirectory(dir=ROOMS if ROOMS.is_dir() else None) as base,
        proxied(server.origin) as proxy,
        elsewhere() as other,
    ):
        yield Storm(Path(base), server, proxy, other)
