"""A company for tests: a database of its own, the project's Google server with delegation, and its leaders.

The moment is the true one, everywhere: a fleet goes by its database's clock.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from clusters import Cluster
from daemon.fleet import jobs, leaders
from daemon.fleet.leaders import Leader, Status
from daemon.fleet.settings import Fleet, read
from daemon.fleet.station import opened
from daemon.fleet.turns import Station
from daemon.postgres import migrate
from gcal import GoogleServer, google_server
from gcal.oauth import ServiceAccount
from gcal.server import LEAST

ROOT = Path(__file__).parent.parent
ROBOT = "robot@company.iam.gserviceaccount.com"
TEMPLATE = "fleet_template"
KEY = base64.b64encode(bytes(range(32))).decode()
databases = (f"fleet{os.getpid()}x{n}" for n in count())

FILE = """\
database = "{database}"
key_file = "{folder}/fleet-key"
google_key_file = "{folder}/fleet-google"
minutes = 15
{top}
[defaults]
timezone = "Europe/Warsaw"
horizon = "7d"
[defaults.accounts.work]
type = "google"
endpoint = "{endpoint}"
focus_time = false
write = "Work"
emails = ["{{address}}"]
[defaults.policies.overload]
enabled = false
[defaults.policies.reflection]
enabled = false
[defaults.policies.breaks]
enabled = false
{cohorts}
"""


@cache
def robot() -> tuple[str, tuple[int, int]]:
    """A key for the service account: it is slow to make."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_numbers()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    return pem.decode(), (public.n, public.e)


@dataclass
class Company:
    """See the module.  `limits`: of the gate, a minute."""

    cluster: Cluster
    google: GoogleServer
    folder: Path
    database: str
    top: str = ""
    cohorts: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pem, public = robot()
        self.google.clock.source = lambda: datetime.now(UTC)
        self.google.oauth.service = ServiceAccount(ROBOT, public, LEAST)
        said = {"type": "service_account", "client_email": ROBOT, "private_key": pem}
        said["token_uri"] = self.google.token_uri
        (self.folder / "fleet-key").write_text(KEY)
        (self.folder / "fleet-google").write_text(json.dumps(said))
        self.write()

    @property
    def path(self) -> Path:
        return self.folder / "fleet.toml"

    def write(self) -> None:
        """The company's file."""
        dsn = f"host={self.cluster.folder} user=unbusy_worker dbname={self.database}"
        text = FILE.format(
            database=dsn, folder=self.folder, endpoint=self.google.url, top=self.top, cohorts=self.cohorts
        )  # fmt: skip
        self.path.write_text(text)

    def file(self) -> Fleet:
        return read(self.path)

    @contextmanager
    def station(self, connections: int = 2) -> Iterator[Station]:
        with opened(self.file(), connections) as station:
            yield station

    def connect(self, role: str = "postgres") -> psycopg.Connection[Any]:
        return self.cluster.connect(role, self.database)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connect() as admin:
            cursor = admin.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    # -- leaders --------------------------------------------------------------------------------------------------

    def leader(self, name: str, *, join: bool = True, meetings: int = 3, cohort: str = "") -> int:
        """Somebody with a calendar, invited; `join`: they have said so, and are taken in."""
        address = f"{name}@example.com"
        person = self.google.person(address)
        self.google.world.calendars[address].summary = "Work"
        for n in range(meetings):
            start = at(n % 5, 13 + n // 5 % 4)
            person.insert({"id": f"{name}meet{n}".encode().hex(), "summary": f"Secret of {name} {n}", **when(start)})
        with self.station() as station, station.connection() as connection:
            number = leaders.invite(connection, station.secrets.fleet, address, cohort, "", "the tests")
        if join:
            self.say(name, "unbusy: join")
            self.rows("UPDATE leader SET status = 'active' WHERE id = %s", number)
        return number

    def say(self, name: str, title: str, text: str = "") -> str:
        """An event of the leader's own, tomorrow."""
        body = {"summary": title, "description": text, **when(at(1, 8))}
        return str(self.google.person(f"{name}@example.com").insert(body)["id"])

    def row(self, number: int) -> Leader:
        with self.connect() as admin:
            found = leaders.get(admin, number)
        assert found is not None
        return found

    def live(self, name: str) -> dict[str, dict[str, Any]]:
        return self.google.live(f"{name}@example.com")

    def ours(self, name: str) -> dict[str, dict[str, Any]]:
        """What unbusy has made in somebody's calendar."""
        return {i: b for i, b in self.live(name).items() if "unbusy" in private(b)}

    # -- workers --------------------------------------------------------------------------------------------------

    def work(self, *, concurrency: int = 1) -> None:
        """Do all that waits, in this process."""
        with self.station() as station:
            app = jobs.make_app(station, station.fleet.database)
            app.periodic_registry.periodic_tasks.clear()
            app.run_worker(wait=False, concurrency=concurrency, delete_jobs="always", install_signal_handlers=False,
                           listen_notify=False)  # fmt: skip

    def command(self, *args: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """`unbusy fleet …`, as an administrator types it."""
        program = [sys.executable, "-m", "daemon", "fleet", "--fleet", str(self.path), *args]
        return subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, **more)

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        """A process of the fleet that goes on."""
        program = [sys.executable, "-m", "daemon", "fleet", "--fleet", str(self.path), *args]
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen(program, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(started)
        return started

    def close(self) -> None:
        for one in self.processes:
            if one.poll() is None:
                one.kill()
            one.wait()


def made_once(owner: psycopg.Connection[Any]) -> None:
    """All tables."""
    jobs.install(owner)
    migrate(owner, "unbusy_worker")


@contextmanager
def company(cluster: Cluster, folder: Path, *, top: str = "", cohorts: str = "") -> Iterator[Company]:
    with ExitStack() as stack:
        name = cluster.copy(TEMPLATE, next(databases), made_once)
        made = Company(cluster, stack.enter_context(google_server()), folder, name, top, cohorts)
        stack.callback(lambda: cluster.drop(name))
        stack.callback(made.close)
        yield made


def private(body: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = body.get("extendedProperties", {}).get("private", {})
    return found


def at(days: int, hour: int) -> datetime:
    """So many days from now, at this hour in Warsaw (or thereabouts)."""
    return (datetime.now(UTC) + timedelta(days=days)).replace(hour=hour - 1, minute=0, second=0, microsecond=0)


def when(start: datetime, minutes: int = 30) -> dict[str, Any]:
    both = {"start": start, "end": start + timedelta(minutes=minutes)}
    return {k: {"dateTime": v.isoformat(), "timeZone": "Europe/Warsaw"} for k, v in both.items()}


def until(what: Callable[[], bool], seconds: float = 300.0, step: float = 0.1) -> float:
    """Wait for something to become so; how long it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it did not become so in time"
        time.sleep(step)
    return time.monotonic() - begun


__all__ = ["Company", "Status", "at", "company", "until", "when"]
