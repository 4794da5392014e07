"""From nothing to a protected week: `init` at a terminal, for each kind of account that runs here, with slips.

A slip costs a line and never the answers before it.
"""

from __future__ import annotations

import gzip
import json
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from connectors.local.vdir import VdirOptions
from daemon.cli import main
from daemon.cli.setup import proposals
from daemon.cli.setup.asking import Kept, one_of
from daemon.config import load, registry
from daemon.model.errors import UnbusyError
from daemon.model.event import Attendee, EventRef
from daemon.views.zones import zone_of
from gcal import GoogleServer, google_server
from gcal.oauth import SCOPE, ServiceAccount
from making import ME, ZONE, event, meeting
from proxy import proxied
from servers import PASSWORD, Server
from typing_in import ROOT, typed

NOW = "2026-11-30T07:00+01:00"

EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//tests//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
DTSTART;TZID=Europe/Warsaw:{start}
DTEND;TZID=Europe/Warsaw:{end}
RRULE:FREQ=WEEKLY;BYDAY={days};COUNT=60
SUMMARY:{title}
ORGANIZER:mailto:{uid}@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:{me}
ATTENDEE;PARTSTAT=ACCEPTED:mailto:{uid}@example.com
END:VEVENT
END:VCALENDAR
"""


def weekly(title: str, day: str, times: str, days: str) -> str:
    start, end = (f"{day}T{clock.replace(':', '')}00" for clock in times.split("-"))
    return EVENT.format(uid=title.lower(), start=start, end=end, days=days, title=title, me=ME)


WEEK = {
    "standup": weekly("Standup", "20261102", "08:30-09:00", "MO,TU,WE,TH"),
    "staff": weekly("Staff", "20261103", "14:00-16:00", "TU,TH"),
    "late": weekly("Call", "20261104", "17:00-18:00", "MO,WE"),
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home of its own on a server in UTC, with a keyring that works."""
    return {
        "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHON_KEYRING_BACKEND": "keyrings.Real", "TEST_KEYRING": str(tmp_path / "keyring"), "TZ": "UTC",
        "LANG": "en_GB.UTF-8", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
    }  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config" / "unbusy" / "config.toml"


LAST = [
    ("Your time zone", "Europe/Warsw"), ("Your time zone", ""), ("Your working hours", "nine to five"),
    ("Your working hours", ""), ("Your week begins", "tuesday"), ("Your week begins", ""), ("Keep half an hour", ""),
    ("Focus time a week", "99h"), ("Focus time a week", "6h"), ("Flags on weeks", "n"), ("Ten minutes with", ""),
    ("The review asks", ""), ("Ten minutes of air", "maybe"), ("Ten minutes of air", ""), ("45 minutes before", "y"),
    ("A slot before", ""), ("A slot a day", ""), ("A walk of 45", "y"),
]  # fmt: skip
"""The questions that every account has, with slips."""


def protected(path: Path, environ: dict[str, str], shown: str) -> dict[str, Any]:
    """The config, of which all holds: nothing secret is in it, the first weeks stand, and `check` is content."""
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "events are on your calendar" in shown
    for secret in (PASSWORD, "BEGIN PRIVATE KEY"):
        assert secret not in text
        assert secret not in shown
    assert not (Path(environ["XDG_STATE_HOME"]) / "unbusy" / "init.json").exists()
    return tomllib.loads(text)


def test_a_folder(environ: dict[str, str], config: Path, tmp_path: Path) -> None:
    work = tmp_path / ".calendars" / "Work"
    work.mkdir(parents=True)
    (tmp_path / ".calendars" / "Home \x1b[2J\x7f").mkdir()
    for uid, text in WEEK.items():
        (work / f"{uid}.ics").write_text(text)
    answers = [
        ("A name for your account", "my calendar"), ("A name for your account", ""), ("Where are", "a folder"),
        ("Where are", "vdir"), ("The folder", "/nowhere"), ("The folder", "calendars"), ("The folder", ""),
        ("Your addresses", "me"), ("Your addresses", ""), ("Which one", "Wrok"), ("Which one", ""), *LAST,
        ("Apply it now?", "y"),
    ]  # fmt: skip
    code, shown = typed(["--now", NOW, "init"], answers, environ)
    assert code == 0, shown
    assert "\x1b[2J" not in shown
    assert "Your calendars are in Europe/Warsaw, this machine is in UTC." in shown
    found = protected(config, environ, shown)
    assert found["timezone"] == "Europe/Warsaw"
    assert found["working_hours"] == {"mon-fri": "08:30-18:00"}
    assert found["accounts"]["work"]["emails"] == [ME]
    assert found["accounts"]["work"]["write"] == "Work"
    assert found["policies"] == {
        "focus": {"weekly_goal": "6h"}, "overload": {"enabled": False}, "preparation": {"enabled": True},
        "habits": {"items": [{"preset": "walk"}]},
    }  # fmt: skip
    assert sorted(p.name for p in work.glob("unbusy-*"))


def test_what_vdirsyncer_keeps(environ: dict[str, str], config: Path, tmp_path: Path) -> None:
    """The folder is the one that its config names."""
    (tmp_path / "mail" / "calendars" / "Work").mkdir(parents=True)
    (tmp_path / "mail" / "calendars" / "Holidays in Poland").mkdir()
    kept = tmp_path / ".config" / "vdirsyncer" / "config"
    kept.parent.mkdir(parents=True)
    kept.write_text('[general]\nstatus_path = "~/s"\n[storage a]\ntype = "filesystem"\npath = "~/mail/calendars"\n')
    answers = [
        ("A name", ""), ("Where are", "vdirsyncer"), ("The folder", ""), ("Your addresses", ME), ("Which one", "Work"),
        *LAST, ("Apply it now?", "n"),
    ]  # fmt: skip
    code, shown = typed(["--now", NOW, "init"], answers, environ)
    assert code == 0, shown
    assert "are read from: Holidays in Poland." in shown
    assert tomllib.loads(config.read_text())["accounts"]["work"]["path"] == "~/mail/calendars"


def test_a_caldav_server(radicale: Server, environ: dict[str, str], config: Path, tmp_path: Path) -> None:
    account = radicale.account()
    work = account.make_calendar("Work")
    account.make_calendar("Private")
    for uid, text in WEEK.items():
        work.put(f"{uid}.ics", text.encode())
    answers = [
        ("A name", ""), ("Where are", "radicale"), ("The address", "ftp://calendar"), ("Your user name", "x"),
        ("The address", account.url), ("Your user name", account.username), ("Password", "wrong"),
        ("The address", account.url), ("Your user name", account.username), ("Password", PASSWORD),
        ("Your addresses", ""), ("Which one", "2"), *LAST, ("Apply it now?", "y"),
    ]  # fmt: skip
    code, shown = typed(["--now", NOW, "init"], answers, environ)
    assert code == 0, shown
    assert "refuses the login" in shown
    assert "The secret is in the keyring." in shown
    found = protected(config, environ, shown)
    assert found["accounts"]["work"]["write"] == "Work"
    assert any(href.rpartition("/")[2].startswith("unbusy-") for href in work.names())


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """With the clock of the machine, which the library that signs goes by."""
    with google_server(clock=lambda: datetime.now(UTC)) as one:
        yield one


def test_a_google_account(google: GoogleServer, environ: dict[str, str], config: Path, tmp_path: Path) -> None:
    """By a key of a service account; zone and first day come from the user's settings there."""
    rights = ("calendar.events.owned", "calendar.calendarlist.readonly", "calendar.settings.readonly")
    key = rsa.generate_private_key(65537, 2048)
    public, email = key.public_key().public_numbers(), "robot@project.iam.gserviceaccount.com"
    google.oauth.service = ServiceAccount(email, (public.n, public.e), frozenset(SCOPE + right for right in rights))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = tmp_path / "key.json"
    info = {"type": "service_account", "client_email": email, "private_key": pem, "private_key_id": "1",
            "token_uri": google.token_uri}  # fmt: skip
    file.write_text(json.dumps(info))
    google.device.insert(
        {"summary": "Staff", "start": {"dateTime": "2026-12-02T10:00:00+01:00"},
         "end": {"dateTime": "2026-12-02T11:00:00+01:00"}, "attendees": [{"email": "bob@example.com"}]}
    )  # fmt: skip
    answers = [
        ("A name", ""), ("Where are", "googel"), ("Where are", ""), ("The JSON file", "/no/such.json"),
        ("The JSON file", str(file)), ("Whose calendar?", google.user), ("Your addresses", "nobody"),
        ("Your addresses", google.user), ("Which one", ""), *LAST, ("Apply it now?", "y"),
    ]  # fmt: skip
    code, shown = typed(["--now", NOW, "init", "--endpoint", google.url], answers, environ)
    assert code == 0, shown
    found = protected(config, environ, shown)
    assert found["accounts"]["work"]["type"] == "google"
    assert found["timezone"] == "Europe/Warsaw"
    assert google.live()


AVAILABLE = """\
<propertyupdate xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><C:schedule-inbox-URL/>
<C:calendar-availability>BEGIN:VCALENDAR
BEGIN:VAVAILABILITY
BEGIN:AVAILABLE
DTSTART;TZID=Europe/Warsaw:20261102T100000
DTEND;TZID=Europe/Warsaw:20261102T180000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH
END:AVAILABLE
END:VAVAILABILITY
END:VCALENDAR
</C:calendar-availability></prop></set></propertyupdate>"""


def test_working_hours_of_a_caldav_account(radicale: Server, environ: dict[str, str], config: Path) -> None:
    """From the inbox of the user, where servers have it (RFC 7953); Radicale keeps the text, and no addresses in it."""
    account = radicale.account()
    work = account.make_calendar("Work")
    for path in (account.home, work.path):
        assert account.client.ask("PROPPATCH", path, AVAILABLE.encode()).status == 207
    inbox = f"<C:schedule-inbox-URL><href>{work.path}</href></C:schedule-inbox-URL>".encode()

    def with_inbox(to: Any) -> None:
        got = to.ask()
        headers = {name: value for name, value in got.headers.items() if name.lower() != "content-encoding"}
        body = gzip.decompress(got.body) if len(headers) < len(got.headers) else got.body
        to.answer(got.status, headers, body.replace(b"<C:schedule-inbox-URL />", inbox))

    with proxied(radicale.origin) as proxy:
        proxy.fail(with_inbox, until=10_000)
        answers = [
            ("A name", ""), ("Where are", "radicale"), ("The address", proxy.origin),
            ("Your user name", account.username), ("Password", PASSWORD), ("Your addresses", ME), ("Which one", ""),
            *LAST, ("Apply it now?", "n"),
        ]  # fmt: skip
        code, shown = typed(["--now", NOW, "init"], answers, environ)
    assert code == 0, shown
    assert "Working hours as your account has them: mon-thu 10:00-18:00." in shown
    assert tomllib.loads(config.read_text())["working_hours"] == {"mon-thu": "10:00-18:00"}


def test_a_calendar_of_its_own(radicale: Server, environ: dict[str, str], config: Path) -> None:
    account = radicale.account()
    account.make_calendar("Work")
    answers = [
        ("A name", ""), ("Where are", "radicale"), ("The address", account.url), ("Your user name", account.username),
        ("Password", PASSWORD), ("Your addresses", ME), ("Which one", "new"), ("Its name", "Thinking time"), *LAST,
        ("Apply it now?", "y"),
    ]  # fmt: skip
    code, shown = typed(["--now", NOW, "init"], answers, environ)
    assert code == 0, shown
    found = protected(config, environ, shown)["accounts"]["work"]
    assert (found["write"], found["read"]) == ("Thinking time", ["Work", "Thinking time"])
    assert any(name.startswith("unbusy-") for calendar in account.calendars() for name in calendar.names())


@pytest.mark.parametrize("name", ["", "..", "a/b", "Work", "nul\0"])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "Work").mkdir()
    make = registry.connector("vdir").make
    assert make is not None
    with pytest.raises(UnbusyError):
        make(VdirOptions(path=str(tmp_path)), lambda: "", name)
    assert [p.name for p in tmp_path.iterdir()] == ["Work"]


def test_a_domain_that_is_none_names_no_server() -> None:
    """Nothing of it is an error (RFC 6761: .invalid is never there)."""
    server = registry.connector("caldav").server
    assert server is not None
    assert server("ada@nowhere.invalid") == ""


def test_left_in_the_middle_it_goes_on_from_there(environ: dict[str, str], config: Path, tmp_path: Path) -> None:
    (tmp_path / ".calendars" / "Work").mkdir(parents=True)
    first = [
        ("A name", "home"),
        ("Where are", "vdir"),
        ("The folder", ""),
        ("Your addresses", ME),
        ("Which one", "\x03"),
    ]
    code, shown = typed(["--now", NOW, "init"], first, environ)
    assert code == 130
    assert "`unbusy init` goes on from here" in shown
    assert not config.exists()
    kept = tmp_path / "state" / "unbusy" / "init.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    rest = [("Go on from there?", ""), ("Which one", ""), *LAST, ("Apply it now?", "n")]
    code, shown = typed(["--now", NOW, "init"], rest, environ)
    assert code == 0, shown
    assert "A name for your account: home (as before)" in shown
    assert load(config).accounts["home"].emails == (ME,)
    assert not list((tmp_path / ".calendars" / "Work").iterdir())


def test_begun_anew_nothing_is_left_of_before(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".calendars" / "Work").mkdir(parents=True)
    typed(["init"], [("A name", "home"), ("Where are", "\x03")], environ)
    code, shown = typed(["init"], [("Go on from there?", "n"), ("A name", "\x03")], environ)
    assert code == 130
    assert "as before" not in shown


def test_without_a_keyring_the_secret_is_kept_in_a_file_and_login_finds_it_there(
    radicale: Server, environ: dict[str, str], config: Path
) -> None:
    """Never in a circle: what `init` has kept `check` finds, and what `login` keeps is where the config looks."""
    account = radicale.account()
    account.make_calendar("Work")
    environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    answers = [
        ("A name", ""), ("Where are", "radicale"), ("The address", account.url),
        ("Your user name", account.username), ("Password", PASSWORD), ("Where shall it be kept?", "nowhere"),
        ("Where shall it be kept?", "file"), ("Your addresses", ME), ("Which one", ""), *LAST, ("Apply it now?", "n"),
    ]  # fmt: skip
    code, shown = typed(["--now", NOW, "init"], answers, environ)
    assert code == 0, shown
    secret = config.with_name("work.secret")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(config.read_text())["accounts"]["work"]["password_command"] == ["cat", str(secret)]
    secret.write_text("old\n")
    code, shown = typed(["login", "work"], [("Password", PASSWORD)], environ)
    assert (code, secret.read_text()) == (0, f"{PASSWORD}\n"), shown


def test_there_is_no_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--config", str(tmp_path / "config.toml"), "init"]) == 2
    assert "there is no terminal to ask on" in capsys.readouterr().err


# -- what is proposed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payloads", "zone"),
    [
        ([*[b"DTSTART;TZID=Europe/Berlin:2026"] * 2, b"DTSTART;TZID=Asia/Tokyo:2026"], "Europe/Berlin"),
        ([b'"start": {"timeZone": "America/New_York"}'], "America/New_York"),
        ([b"DTSTART;TZID=Mars/Phobos:2026"], ""),
        ([b"DTSTART:20261201T090000Z"], ""),
    ],
    ids=["the most frequent", "Google's", "none that is", "none named"],
)  # fmt: skip
def test_the_zone_of_the_calendars(payloads: list[bytes], zone: str) -> None:
    assert zone_of(payloads) == zone


@pytest.mark.parametrize(
    ("spans", "hours"),
    [
        ([], "mon-fri 09:00-17:30"),
        (["Mon 10:00-11:00"] * 3, "mon-fri 09:00-17:30"),
        (["Mon 08:15-09:00", "Tue 08:30-09:00", "Wed 08:30-09:00", "Thu 17:00-18:20"] * 3, "mon-fri 08:00-18:30"),
        (["Mon 05:00-06:00", "Tue 22:00-23:00", *["Wed 10:00-11:00", "Thu 10:00-11:00"] * 6], "mon-fri 09:00-17:00"),
        ([f"{d} 09:00-17:00" for d in ("Sun", "Mon", "Tue", "Wed", "Thu")] * 3, "mon-thu,sun 09:00-17:00"),
    ],
    ids=["nothing to go by", "too little", "an early bird", "calls to far away", "a week from Sunday"],
)  # fmt: skip
def test_working_hours_from_where_meetings_lie(spans: list[str], hours: str) -> None:
    met = [meeting(when, uid=f"u{n}") for n, when in enumerate(spans)]
    assert proposals.hours_of(met, ZONE) == hours


@pytest.mark.parametrize(
    ("locale", "day"),
    [("en_US.UTF-8", "sunday"), ("de_DE", "monday"), ("ar_EG.utf8", "saturday"), ("C", "monday"), ("", "monday")],
)
def test_the_first_day_of_the_week(locale: str, day: str) -> None:
    assert proposals.first_day(locale) == day


@pytest.mark.parametrize(
    ("organizers", "found"),
    [(["bob", "eve", "bob"], (ME,)), (["bob", "eve"], ()), (["bob"] * 5, ())],
    ids=["in all of them", "too few to tell", "as often as another"],
)
def test_the_addresses_of_somebody_who_is_in_most_meetings(organizers: list[str], found: tuple[str, ...]) -> None:
    met = [
        replace(event("Mon 10:00-11:00"), ref=EventRef("work/Work", f"u{n}"), organizer=f"{who}@example.com",
                attendees=(Attendee(ME), Attendee(f"{who}@example.com")))
        for n, who in enumerate(organizers)
    ]  # fmt: skip
    assert proposals.addresses_of(met) == found


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"account": 3}', '{"account": "' + "x" * 20_000 + '"}'])
def test_answers_of_before_that_are_none_are_left(text: str, tmp_path: Path) -> None:
    path = tmp_path / "init.json"
    path.write_text(text)
    assert not Kept(path).load()


def test_a_name_or_its_number() -> None:
    read = one_of("google", "vdir")
    assert [read(t) for t in ("google", "VDIR", "2")] == ["google", "vdir", "vdir"]
    for wrong in ("", "0", "3", "٣", "99999999999"):
        with pytest.raises(ValueError, match="is not among them"):
            read(wrong)
