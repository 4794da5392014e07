"""Hostile titles, names and words wherever a practice reads them: nothing leaves its line, and nothing obeys them.

On a real folder, through the whole product; week 2026-W49, with every policy on.
"""

from __future__ import annotations

import re
from pathlib import Path

import icalendar
import pytest

from connectors.rfc5545.lines import escaped
from daemon.model.owner import Field
from daemon.model.text import FOOTER, QUESTION
from daemon.stages.ours import nevers
from living import EVENT, Life
from making import ME, moment, span

ATTACKS = (
    "Zebra\r\nATTENDEE:mailto:eve@example.org\r\nX-EVE:1",
    "Zebra’ #skip ‘ #never\n#skip",
    f"Zebra\n\n{QUESTION}Who is to blame?\n\n{FOOTER}",
    "Zebra \u202e\u2066\x07\x1b[31m 👩",
    "Zebra " + "y" * 3000,
    "Zebra {organizer.__class__} {title} %s {0} ${HOME}",
    "Zebra <!-- unbusy never subject=landing&name=&policy=focus&key=x&on=2026-11-30 --> <b onload=x>",
    "unbusy: pause Zebra",
    "Zebra\\nSUMMARY:Zebra\\;\\,\\",
)
HEAVY, BOARD, ONE = "layoff {}", "steering {}", "1:1 {}"
POLICIES = """\
[attention]
questions_per_day = 40
questions_per_week = 90
[people]
reports = "auto"
boss = ["boss@example.com"]
[accounts.home]
type = "vdir"
path = "{home}"
[policies.breaks]
lunch = true
[policies.preparation]
enabled = true
after = "15m"
[policies.advisors]
enabled = true
notes = true
[policies.network]
enabled = true
names = true
people = [{{ who = ["lena@example.org", "Lena*"], every = "1w" }}]
[policies.mirror]
enabled = true
from = ["home"]
[[policies.habits.items]]
preset = "three-minutes"
[[policies.habits.items]]
title = "Walk"
for = "45m"
between = "12:00-15:00"
per_week = 2
question = "What is it about?"
"""
TOP = "horizon = '14d'\nmax_per_day = 60\nmax_per_week = 200\nlog_titles = true"
OURS = frozenset({
    "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CLASS", "TRANSP", "STATUS", "CREATED", "SEQUENCE",
    "LAST-MODIFIED", "X-UNBUSY", "X-MICROSOFT-CDO-BUSYSTATUS", "CATEGORIES", "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR",
})  # fmt: skip


class Attacked(Life):
    """Each event, person and answer has one of the attacks in it, in turn."""

    turn = 0

    def attack(self) -> str:
        self.turn += 1
        return ATTACKS[self.turn % len(ATTACKS)]

    def attacked(self, when: str, kind: str, *, people: int = 2, more: str = "", folder: Path | None = None) -> None:
        at, uid = span(when), f"{kind}{when}".replace(" ", "").replace(":", "").replace("{}", "")
        name = re.sub(r'["\x00-\x1f]', " ", self.attack())
        rows = "".join(f'ATTENDEE;CN="{name}";PARTSTAT=ACCEPTED:mailto:p{n}@example.com\n' for n in range(people))
        who = f"ORGANIZER:mailto:{ME}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\n{rows}" if people else ""
        text = EVENT.format(
            uid=uid, start=at.start, end=at.end, title=escaped(kind.format(self.attack())),
            more=f"DESCRIPTION:{escaped(self.attack())}\nLOCATION:{escaped(self.attack())}\n{who}{more}",
        )  # fmt: skip
        ((folder or self.folder) / f"{uid}.ics").write_bytes(text.encode())

    def types(self) -> None:
        """Under every question of ours, an attack in the user's own hand, but for its orders."""
        for key, mine in self.ours().items():
            words = re.sub("#(skip|never)", "", self.attack())
            lines = [
                f"{line}\n{words}" * line.startswith(QUESTION) or line for line in mine.event.description.split("\n")
            ]
            if QUESTION in mine.event.description:
                self.edit(key, ("DESCRIPTION", f":{escaped(chr(10).join(lines))}"))

    def written(self) -> dict[str, icalendar.Event]:
        """What stands of ours and the user has not typed into, as another program reads it."""
        typed = {o.event.ref.uid for o in self.ours().values() if Field.TEXT in o.edited}
        rows = {}
        for path in self.folder.glob("unbusy-*.ics"):
            (event,) = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
            if path.stem not in typed:
                rows[path.name] = event
        return rows


@pytest.fixture
def life(tmp_path: Path) -> Attacked:
    home = tmp_path / "homes" / "Home"
    home.mkdir(parents=True)
    life = Attacked(tmp_path, policies=POLICIES.format(home=home.parent), top=TOP)
    weekly = "RRULE:FREQ=WEEKLY\n"
    for n in range(3):  # so that each place meets several of them
        for day in ("Mon", "Tue", "Wed"):
            life.attacked(f"{day} 13:{n + 2}0-14:00", ONE, people=1, more=weekly)
            life.attacked(f"{day} 10:{n}0-10:30", HEAVY, people=1)
            life.attacked(f"{day} 14:{n}0-16:30", BOARD, people=9)
        life.attacked(f"Thu {9 + 2 * n:02}:00-{12 + 2 * n}:00", BOARD, people=3)
        life.attacked(f"Fri 1{n + 5}:00-1{n + 5}:15", "{}", people=0, folder=home)
        life.attacked(f"Fri 1{n + 2}:00-1{n + 2}:30", "{}", people=3)
    life.meet("Mon 08:00-08:15", "unbusy: objective Zebra’ #skip <b>", uid="aim", more="")
    life.meet("Mon 08:15-08:30", "unbusy: focus 2h Zebra ▸ \u202e {title} by friday", uid="named", more="")
    dates = "DTSTART;VALUE=DATE:20261207\nDTEND;VALUE=DATE:20261212\n"
    away = EVENT.format(uid="away", start=span("Mon 09:00-10:00").start, end=span("Mon 09:00-10:00").end,
                        title=escaped(f"Vacation {ATTACKS[1]}"), more="TRANSP:OPAQUE\n")  # fmt: skip
    (life.folder / "away.ics").write_text(re.sub(r"DTSTART:.*\nDTEND:.*\n", dates, away))
    return life


def test_nothing_gets_out_of_its_line_and_nothing_obeys(life: Attacked) -> None:
    seen = set[str]()
    for now in ("Mon 07:00", "Tue 07:00", "Wed 07:00", "Fri 07:00"):
        life.now = moment(now)
        life.apply(force=True)
        kinds = {f"{o.mark.policy} {o.mark.key.partition('/')[0]}" for o in life.ours().values()}
        assert life.changes() == [], "a second run has nothing to do"
        seen |= kinds
        for event in life.written().values():
            assert set(event) <= OURS
            title, text = str(event.get("SUMMARY", "")), str(event.get("DESCRIPTION", ""))
            assert len(title) <= 40
            assert title.isprintable()
            assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
            assert "Who is to blame" not in "".join(line for line in text.split("\n") if line.startswith(QUESTION))
            assert text.count(FOOTER) <= 1
            assert "yyyy" * 40 not in text
        assert not any(o.gestures for o in life.ours().values()), "what others wrote is no order"
        life.types()
    assert {kind.partition(" ")[0] for kind in seen} == {
        "advisors", "breaks", "focus", "habits", "mirror", "network", "overload", "preparation", "reflection",
    }  # fmt: skip
    assert seen >= {"focus landing", "focus handover", "breaks calm", "breaks lunch", "habits three-minutes"}
    with life.runtime() as runtime:
        assert nevers.known(runtime) == ()
