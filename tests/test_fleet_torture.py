"""A fleet while its workers are killed, its database dies, a worker stands still and wakes, and two tick at once.

Whatever happens: nothing twice, no answer lost, nothing of others changed, and everybody is served again in time.
`make fleet-torture` does it for long, with many; the tests do it for half a minute, with a few.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

import clusters
from connectors.google.codec import MARK
from daemon.fleet import jobs
from daemon.model.ours.mark_line import read_mark
from fleets import Company, at, company, private, until, when

TORTURE = bool(os.environ.get("UNBUSY_TORTURE"))
MINUTES = float(os.environ.get("UNBUSY_FLEET_MINUTES", "10" if TORTURE else "0.4"))
LEADERS = int(os.environ.get("UNBUSY_FLEET_LEADERS", "60" if TORTURE else "5"))
WORKERS = 3 if TORTURE else 2
AGAIN = 90.0
"""Seconds within which everybody is served again, once they are due."""

DUE = 66.0
"""Seconds from one time that somebody is due to the next one, at most: a minute and a tenth."""


@dataclass
class Storm:
    """What happens to the calendars meanwhile, and what must be true of them at the end.

    `theirs`: what is not ours, as its author wants it.  `typed`, `gone`: what leaders wrote into ours, and deleted.
    """

    firm: Company
    names: dict[str, int]
    rng: random.Random
    theirs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    typed: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: set[tuple[str, str, str]] = field(default_factory=set)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    restarts: int = 0
    deeds: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.theirs = {(n, i): deepcopy(b) for n in self.names for i, b in self.firm.live(n).items()}

    # -- people -----------------------------------------------------------------------------------------------------

    def happens(self) -> None:
        """Somebody does something in their calendar."""
        name = self.rng.choice(list(self.names))
        with self.firm.google.desk.lock:
            person, ours = self.firm.google.person(f"{name}@example.com"), sorted(self.firm.ours(name))
            deed = self.rng.choice(("books", "books", "types", "deletes"))
            if deed == "books" or not ours:
                deed = "books"
                start = at(self.rng.randrange(1, 6), self.rng.randrange(9, 17))
                made = person.insert({"summary": f"Secret {self.rng.random()}", **when(start, 60)})
                self.theirs[name, made["id"]] = deepcopy(self.firm.live(name)[made["id"]])
            elif deed == "types":
                event = self.rng.choice(ours)
                said = f"answer {self.rng.random()}"
                person.append(event, said)
                self.typed[name, event] = said
            else:
                event = self.rng.choice([e for e in ours if (name, e) not in self.typed] or [""])
                if event:
                    self.gone.add((name, *self.wish(name, event)))
                    person.delete(event)
            self.deeds[deed] += 1

    def wish(self, name: str, event: str) -> tuple[str, str]:
        mark = read_mark(private(self.firm.live(name)[event])[MARK])
        assert mark
        return mark.policy, mark.key

    # -- workers ------------------------------------------------------------------------------------------------------

    def keep_up(self) -> None:
        """What a service manager does: a worker that has ended is started again."""
        self.workers = [w if w.poll() is None else self._again() for w in self.workers]
        while len(self.workers) < WORKERS:
            self.workers.append(self.firm.start("worker", "--concurrency", "2"))

    def _again(self) -> subprocess.Popen[bytes]:
        self.restarts += 1
        return self.firm.start("worker", "--concurrency", "2")

    def served(self) -> dict[int, float]:
        """When each leader was last served."""
        return {i: float(s or 0) for i, s in self.firm.rows("SELECT id, extract(epoch FROM served) FROM leader")}

    def all_served_since(self, before: dict[int, float]) -> bool:
        self.keep_up()
        return all(stamp > before[i] for i, stamp in self.served().items())

    # -- at the end ---------------------------------------------------------------------------------------------------

    def look(self) -> None:
        for (name, event), before in self.theirs.items():
            now = self.firm.live(name).get(event)
            assert now is not None, f"{event} of {name} is gone"
            if not before["summary"].startswith("unbusy:"):
                assert now == before, f"{event} of {name} is not ours, and was changed"
        for (name, event), said in self.typed.items():
            assert said in str(self.firm.live(name).get(event, {}).get("description")), f"lost: {said} of {name}"
        for name in self.names:
            wishes = Counter(self.wish(name, event) for event in self.firm.ours(name))
            assert wishes or name in {n for n, _, _ in self.gone}, f"nothing was done for {name}"
            assert set(wishes.values()) <= {1}, f"twice for {name}: {wishes}"
            back = [w for w in wishes if (name, *w) in self.gone]
            assert not back, f"came back, though {name} had deleted it: {back}"


@contextmanager
def storm(cluster: clusters.Cluster, folder: Path, leaders: int = LEADERS) -> Iterator[Storm]:
    with company(cluster, folder, top="minutes = 1") as firm:
        firm.path.write_text(firm.path.read_text().replace("minutes = 15\n", ""))
        names = {f"l{n}": firm.leader(f"l{n}", meetings=4) for n in range(leaders)}
        made = Storm(firm, names, random.Random(len(names)))  # noqa: S311  the same storm each time
        made.keep_up()
        until(lambda: all(made.served().values()), 300)
        yield made


def weather(made: Storm, disturb: Callable[[], None], every: float) -> None:
    """So many minutes of it; then two quiet rounds for everybody, and what must hold."""
    begun = last = time.monotonic()
    late: dict[int, float] = {}
    seen: dict[int, tuple[float, float]] = {}
    while (now := time.monotonic()) - begun < MINUTES * 60:
        made.keep_up()
        made.happens()
        with suppress(psycopg.Error):
            for number, stamp in made.served().items():
                before, since = seen.get(number, (stamp, now))
                seen[number] = (stamp, now if stamp != before else since)
                late[number] = max(late.get(number, 0), now - seen[number][1])
        if now - last > every:
            disturb()
            last = time.monotonic()
        time.sleep(0.3)
    for _ in range(2):
        made.firm.rows("UPDATE leader SET due = now()")
        with made.firm.station() as station:
            jobs.tick(station)

        until(partial(made.all_served_since, made.served()), AGAIN + 60)
    made.look()
    assert max(late.values(), default=0) < AGAIN + DUE, f"served late: {max(late.values())} s"
    said = {"restarts": made.restarts, "deeds": dict(made.deeds), "latest": round(max(late.values(), default=0), 1)}
    print(json.dumps(said))  # noqa: T201  the figures of the torture
    said_in_log = (made.firm.folder / "log").read_text()
    assert "Secret" not in said_in_log
    assert "answer 0." not in said_in_log
    assert "@example.com" not in said_in_log


def test_workers_are_killed(postgres: clusters.Cluster, tmp_path: Path) -> None:
    with storm(postgres, tmp_path) as made:
        weather(made, lambda: made.rng.choice(made.workers).kill(), 10 if TORTURE else 7)
        assert made.restarts >= MINUTES * 60 // 12


@pytest.mark.skipif(not TORTURE, reason="takes minutes; `make fleet-torture`")
def test_the_database_is_killed(tmp_path: Path) -> None:
    with clusters.cluster(["fsync = on", "synchronous_commit = on"]) as own, storm(own, tmp_path) as made:
        killed = 0

        def die() -> None:
            nonlocal killed
            if killed < 10:
                own.stop("immediate")
                time.sleep(3)
                own.start()
                killed += 1

        weather(made, die, MINUTES * 60 / 12)
        assert killed == 10


@pytest.mark.skipif(not TORTURE, reason="takes minutes; `make fleet-torture`")
def test_a_worker_stands_still_for_a_minute_again_and_again(postgres: clusters.Cluster, tmp_path: Path) -> None:
    with storm(postgres, tmp_path) as made:

        def freeze() -> None:
            one = made.rng.choice(made.workers)
            if one.poll() is None:
                one.send_signal(signal.SIGSTOP)
                threading.Timer(60, lambda: one.poll() is None and one.send_signal(signal.SIGCONT)).start()

        weather(made, freeze, 45)
        for one in made.workers:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)


@pytest.mark.skipif(not TORTURE, reason="takes minutes; `make fleet-torture`")
def test_many_leaders_each_round_once(postgres: clusters.Cluster, tmp_path: Path) -> None:
    """F2, pressed: rounds of everybody, 5 % of the calendars changed before each, and each is served once a round."""
    many = int(os.environ.get("UNBUSY_FLEET_MANY", "200"))
    with company(postgres, tmp_path, top="google_a_minute = 600000") as firm:
        numbers = [firm.leader(f"l{n}", meetings=6) for n in range(many)]
        rng, rounds = random.Random(1), 4  # noqa: S311  as above
        workers = [firm.start("worker", "--concurrency", "2") for _ in range(WORKERS)]
        counts = []
        for _ in range(rounds):
            firm.rows("UPDATE leader SET due = now(), served = NULL")
            before = len(firm.google.requests("events.list"))
            with firm.google.desk.lock:
                for n in rng.sample(range(many), many // 20):
                    firm.google.person(f"l{n}@example.com").insert({"summary": "New", **when(at(3, 10))})
            with firm.station() as station:
                jobs.tick(station)
            until(lambda: firm.rows("SELECT count(*) FROM leader WHERE served IS NULL") == [(0,)], 900, 0.5)
            counts.append(len(firm.google.requests("events.list")) - before)
        assert all(w.poll() is None for w in workers)
        assert len(numbers) == many
        assert counts[-1] <= many * 1.1, f"more than one request for a quiet calendar: {counts}"
