"""What a config says, where it is found, and that all that is wrong in one is named at its line, with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon import config
from daemon.config import NO_CONFIG, Config, load, places, registry, values
from daemon.config.check import built, faults
from daemon.config.values import Days, Hours, Zone
from daemon.model.errors import ConfigError
from daemon.model.options import Folder, Minutes
from daemon.model.owner import Wish
from daemon.model.profile import Profile
from daemon.model.proposal import Role
from daemon.model.times import DateRange, WorkingHours
from daemon.stages.runtime import open_runtime
from making import NINE_TO_FIVE
from policies import POLICIES
from policies.focus.options import FocusOptions
from policies.habits.presets import PRESETS

HOME = """
[accounts.home]
type = "vdir"
path = "/calendars"
write = "work"
"""

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a config file."""

    def config_file(text: str | bytes) -> Path:
        path = tmp_path / "config.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return config_file


def refusal(path: Path) -> list[str]:
    """What is said of a file, without its name."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.code == 2
    return [line.removeprefix(f"{path}:") for line in caught.value.what.splitlines()]


def test_a_config_says_what_it_says(write: Write) -> None:
    loaded = load(
        write("""
timezone = "Europe/Warsaw"
week_starts = "sunday"
working_hours = { mon-thu = "09:00-17:30", fri = ["13:00-16:00", "09:00-12:00"] }
horizon = "21d"
fill = 1

[[away]]
from = 2026-12-24
to = "2027-01-03"

[accounts.work]
type = "vdir"
path = "/work"
emails = ["ada@example.com"]
write = "Work"
read = ["Work", "Team"]

[policies.focus]
weekly_goal = "10h"
""")
    )
    full, early, late = (time(9), time(17, 30)), (time(9), time(12)), (time(13), time(16))
    assert loaded.timezone == "Europe/Warsaw"
    assert loaded.week_starts == "sunday"
    assert loaded.working_hours == ((full,),) * 4 + ((early, late), (), ())
    assert (loaded.horizon, loaded.lookback, loaded.fill) == (21, 28, 1.0)
    assert loaded.away == (config.Away(first=date(2026, 12, 24), last=date(2027, 1, 3)),)
    assert loaded.accounts["work"].read == ("Work", "Team")
    assert loaded.policies["focus"] == FocusOptions(weekly_goal=Minutes(600))
    assert loaded.max_changes == 40


def test_a_policy_that_is_not_named_has_its_defaults(write: Write) -> None:
    loaded = load(write(HOME))
    assert loaded.policies == {name: kind.options() for name, kind in POLICIES.items()}
    assert list(loaded.policies) == list(POLICIES)


SEEN = "is the account that is written to, which others see already; name another one"


FAULTY = {
    "unknown key": ("horizn = '14d'" + HOME, "1: horizn: unknown key; did you mean 'horizon'?"),
    "unknown key, unlike any": (HOME + "xyz = 1", "6: accounts.home.xyz: unknown key; known are type, emails, write,"),
    "wrong type": ("max_changes = 'many'" + HOME, "1: max_changes: 'many'; expected a whole number, at least 0, at mo"),
    "truth is no number": ("max_changes = true" + HOME, "1: max_changes: true; expected a whole number"),
    "out of bounds": ("fill = 1.5" + HOME, "1: fill: 1.5; expected a number, over 0, at most 1"),
    "no number at all": ("fill = nan" + HOME, "1: fill: nan; expected a number, over 0, at most 1"),
    "not one of": ("week_starts = 'friday'" + HOME, "1: week_starts: 'friday'; expected one of 'monday', 'saturday', "),
    "item of a list": ("ignore = [\n'a',\n5]" + HOME, "3: ignore[2]: 5; expected a string"),
    "no list": ("ignore = 'a'" + HOME, "1: ignore: 'a'; expected a list of: a string"),
    "no table": ("accounts = 5", "1: accounts: 5; expected tables [accounts.NAME]"),
    "unknown zone": (
        "timezone = 'Europe/Warsow'" + HOME,
        "1: timezone: 'Europe/Warsow' is not a time zone; did you mean ",
    ),
    "no zone": ("timezone = 'x'" + HOME, "1: timezone: 'x' is not a time zone; write one like 'Europe/Warsaw'"),
    "zone outside the database": ("timezone = '/etc/passwd'" + HOME, "1: timezone: '/etc/passwd' is not a time zone; "),
    "folder of zones": ("timezone = 'Europe'" + HOME, "1: timezone: 'Europe' is not a time zone; did you mean "),
    "zone in capitals": (
        "timezone = 'EUROPE/WARSAW'" + HOME,
        "1: timezone: 'EUROPE/WARSAW' is not a time zone; did you mean 'Europe/Warsaw'?",
    ),
    "days in other digits": ("lookback = '٣d'" + HOME, "1: lookback: '٣d' is not a number of days; write 1d to 366d"),
    "secret": ("password = 'x'" + HOME, "1: password: secrets never stand in the config; take it out, and store it"),
    "secret in a list of tables": (
        "[[away]]\nfrom = 2026-12-24\nto = 2026-12-24\ntoken = 'x'" + HOME,
        "4: away[1].token: secrets never stand in the config",
    ),
    "option of an account named like a secret": (
        HOME.replace("home", "token").replace("/calendars", "calendars"),
        "4: accounts.token.path: 'calendars' is relative",
    ),
    "days": ("lookback = '0d'" + HOME, "1: lookback: '0d' is not a number of days; write 1d to 366d"),
    "interval": ("interval = '25h'" + HOME, "1: interval: '25h' is not an interval for cycles; write 1m to 24h"),
    "relative state": ("state = 'state'" + HOME, "1: state: 'state' is not an absolute path; begin it with / or ~/"),
    "state with a NUL": ('state = "/a\\u0000b"' + HOME, r"1: state: '/a\x00b' is not an absolute path"),
    "state of somebody": ("state = '~ada/x'" + HOME, "1: state: '~ada/x' is not an absolute path"),
    "hours end before they begin": (
        "[working_hours]\nmon = '09:00-17:00'\ntue = '17:00-09:00'" + HOME,
        "3: working_hours.tue: '17:00-09:00' ends before it begins; write the earlier time first",
    ),
    "hours overlap": (
        "working_hours.fri = ['13:00-16:00',\n'09:00-14:00']" + HOME,
        "1: working_hours.fri: 09:00-14:00 and 13:00-16:00 overlap; write spans that do not",
    ),
    "hours overlap at the end of the day": (
        "working_hours.fri = '22:00-24:00,23:00-23:30'" + HOME,
        "1: working_hours.fri: 22:00-24:00 and 23:00-23:30 overlap",
    ),
    "a day twice": (
        "[working_hours]\nmon-thu = '09:00-17:00'\n'wed-fri' = '09:00-12:00'" + HOME,
        "3: working_hours.wed-fri: wed,thu is there twice; name each day once",
    ),
    "no day": ("working_hours.monday = ''" + HOME, "1: working_hours.monday: 'monday' names no days; write 'mon', 'mo"),
    "no hours": ("working_hours.mon = 5" + HOME, "1: working_hours.mon: 5; write a string such as '09:00-12:00'"),
    "hours without days": (
        "working_hours = '9-5'" + HOME,
        "1: working_hours: '9-5'; write a table such as { mon-fri =",
    ),
    "away backwards": (
        "[[away]]\nfrom = 2026-12-24\nto = 2026-12-20" + HOME,
        "3: away[1].to: 2026-12-20 is before 2026-12-24; write the last day away",
    ),
    "away without an end": (
        "[[away]]\nfrom = 2026-12-24\nto = 2026-12-25\n[[away]]\nfrom = 2026-12-24" + HOME,
        "4: away[2].to: missing; expected a date, such as '2027-01-03'",
    ),
    "away beyond reach": (
        "away = [{ from = 0001-01-01, to = 9999-12-31 }]" + HOME,
        "1: away[1].from: 0001-01-01 to 9999-12-31 is out of reach; write days from 1970 to 2200",
    ),
    "no type": ("[accounts.a]\nwrite = 'x'", "1: accounts.a.type: missing; known are caldav, google, ics, vdir"),
    "unknown type": (
        "[accounts.a]\ntype = 'vdri'\nwrite = 'x'",
        "2: accounts.a.type: 'vdri' is not known; did you mea",
    ),
    "missing option": ("[accounts.a]\ntype = 'vdir'\nwrite = 'x'", "1: accounts.a.path: missing; expected a string"),
    "name of an account": (
        HOME.replace("home", "'my home'"),
        "2: accounts.'my home': not a name for an account; use lette",
    ),
    "no account": ("", "1: accounts: none; exactly one [accounts.NAME] must say write = "),
    "no writing account": (HOME.replace("write", "#"), "2: accounts: none of them has `write`; exactly one [accounts."),
    "an interval of the writing account": (
        "[accounts.a]\ntype = 'caldav'\nurl = 'https://c.example/'\nusername = 'a'\nwrite = 'x'\ninterval = '1h'",
        "6: accounts.a.interval: the account that is written to is asked with every look; set the interval at the top",
    ),
    "two writing accounts": (
        HOME + HOME.replace("home", "work"),
        "10: accounts.work.write: a second one after that of home; write in exactly one account",
    ),
    "no address": (
        HOME + "emails = [\n'ada@example.com',\n'ada']",
        "8: accounts.home.emails[2]: 'ada'; expected a string, such as 'ada@example.com'",
    ),
    "calendar without a name": (
        HOME + "read = ['Work',\n{ as = 'others' }]",
        "7: accounts.home.read[2].name: missing; expected a string, of at least 1 characters, such as 'Team'",
    ),
    "calendar of nobody": (
        HOME + "read = [{ name = 'Team', as = 'theirs' }]",
        "6: accounts.home.read[1].as: 'theirs'; expected one of 'busy', 'holidays', 'mine', 'others'",
    ),
    "calendar that says no more than its name": (
        HOME + "read = [{ name = 'Team' }]",
        "6: accounts.home.read[1].as: missing; expected one of 'busy', 'holidays', 'mine', 'others'",
    ),
    "calendar with an unknown key": (
        HOME + "read = [{ name = 'Team', as = 'mine', bsy = true }]",
        "6: accounts.home.read[1].bsy: unknown key; ",
    ),
    "calendar that is a number": (
        HOME + "read = [5]",
        "6: accounts.home.read[1]: 5; expected a string or a table",
    ),
    "calendar twice": (
        HOME + "read = ['Team',\n{ name = 'Team', as = 'others' }]",
        "7: accounts.home.read[2]: 'Team' is there twice; name each calendar once",
    ),
    "calendar to write that is somebody else's": (
        HOME + "read = [{ name = 'work', as = 'others' }]",
        "6: accounts.home.read[1].as: this is the calendar of `write`, which is read as yours",
    ),
    "away titles that are no list": ("away_titles = 'x'" + HOME, "1: away_titles: 'x'; expected a list of: a string"),
    "unknown policy": (HOME + "[policies.focsu]", "6: policies.focsu: 'focsu' is not known; did you mean 'focus'?"),
    "mirror of an account that is none": (
        HOME + "[policies.mirror]\nfrom = ['hoem']",
        "7: policies.mirror.from[1]: 'hoem' is not an account of this file; did you mean 'home'?",
    ),
    "mirror of the account that is written to": (
        HOME + "[policies.mirror]\nfrom = ['home']",
        f"7: policies.mirror.from[1]: 'home' {SEEN}",
    ),
    "habit that is no preset": (
        HOME + "[[policies.habits.items]]\npreset = 'wlak'",
        f"7: policies.habits.items[1].preset: 'wlak' is not a preset; there are {', '.join(PRESETS)}",
    ),
    "two habits of one name": (
        HOME + "[[policies.habits.items]]\npreset = 'walk'\n[[policies.habits.items]]\npreset = 'walk'",
        "6: policies.habits.items: two of them are called 'walk'; give one another `name`",
    ),
    "policy that is not a table": (HOME + "[policies]\nfocus = 5", "7: policies.focus: 5; expected a table"),
    "option of a policy": (
        HOME + "[policies.focus]\nweekly_goal = 8",
        "7: policies.focus.weekly_goal: 8; write a string such as '1h30m'",
    ),
    "option in a table in a line": (
        HOME + "[policies]\nfocus = { block = { min = 'x' } }",
        "7: policies.focus.block.min: 'x' is not a duration; write it like '90m', '8h' or '1h30m'",
    ),
    "shorter than the shortest": (
        HOME + "[policies.focus.block]\nmax = '1h30m'\nmin = '2h'",
        "8: policies.focus.block.min: 2h, ideal = 2h, max = 1h30m: each must be at least as long",
    ),
    "longest shorter than what is aimed at": (
        HOME + "[policies.focus.block]\nmax = '1h30m'",
        "6: policies.focus.block.ideal: 2h, max = 1h30m: each must be at least as long",
    ),
    "shorter than any block": (
        HOME + "[policies.focus]\nper_day = '10m'",
        "7: policies.focus.per_day: 10m has no room for a block; make it at least 15m",
    ),
    "goal larger than the week": (
        "working_hours.mon = '09:00-12:00'" + HOME + "[policies.focus]\nweekly_goal = '3h01m'",
        "7: policies.focus.weekly_goal: 3h01m is more than the 3h of working_hours in a week; lower the goal",
    ),
    "goal by default larger than the week": (
        "working_hours = {}" + HOME,
        "1: policies.focus.weekly_goal: 8h is more than the 0m of working_hours in a week",
    ),
    "strange key": ('"a\\nb" = 1' + HOME, "1: 'a\\nb': unknown key; known are timezone, week_starts,"),
}


@pytest.mark.parametrize(("text", "says"), FAULTY.values(), ids=FAULTY)
def test_a_fault_is_named_with_its_place_and_remedy(text: str, says: str, write: Write) -> None:
    [line] = refusal(write(text))
    assert line[: len(says)] == says


@pytest.mark.parametrize(
    "text",
    [
        "working_hours.mon = '09:00-17:00'" + HOME + "[policies.focus]\nweekly_goal = '8h'",
        "working_hours = {}" + HOME + "[policies.focus]\nenabled = false",
        "working_hours.mon-fri = ['09:00-12:00', '12:00-18:00']" + HOME,
        "away = [{ from = 2026-12-24, to = 2026-12-24 }]" + HOME,
        HOME.replace("home", "token"),
        HOME + "read = ['Work', { name = 'Team', as = 'others' }]",
        HOME + "read = [{ name = 'work', as = 'mine' }, { name = 'Feed', as = 'holidays' }]",
        "\ufefffill = 0.5" + HOME,
        "fill = 0.5\r\n" + HOME.replace("\n", "\r\n"),
    ],
    ids=[
        "goal that fits",
        "no goal",
        "hours that touch",
        "one day away",
        "account named so",
        "a calendar of others",
        "the calendar to write, as it is read anyway",
        "byte order mark",
        "CRLF",
    ],
)
def test_what_is_no_fault(text: str, write: Write) -> None:
    load(write(text))


def test_all_faults_are_reported_at_once_in_the_order_of_the_file(write: Write) -> None:
    said = refusal(
        write("""\
fill = 2
intervall = "5m"
working_hours = { mon = "17:00-09:00", x = "" }
[accounts.a]
type = "imap"
[accounts.b]
type = "vdir"
read = "all"
write = "x"
[policies.focus]
weekly_goal = "much"
show_as = "red"
[policies.nap]
[[away]]
""")
    )
    assert [line.split(":")[:2] for line in said] == [
        ["1", " fill"],
        ["2", " intervall"],
        ["3", " working_hours.mon"],
        ["3", " working_hours.x"],
        ["5", " accounts.a.type"],
        ["6", " accounts.b.path"],
        ["8", " accounts.b.read"],
        ["11", " policies.focus.weekly_goal"],
        ["12", " policies.focus.show_as"],
        ["13", " policies.nap"],
        ["14", " away[1].from"],
        ["14", " away[1].to"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "password = 'hunter2'" + HOME,
        HOME + "token = 'hunter2'",
        HOME + "client-secret = ['hunter2']",
        HOME + "[policies.focus]\nPassword = 'hunter2'",
        "[accounts.a]\ntype = 'imap'\nwrite = 'x'\npassword = 'hunter2'",
        "[[things]]\nx = [{ api_key = 'hunter2' }]" + HOME,
    ],
    ids=["top", "account", "in a list", "policy", "unknown account", "unknown tables"],
)
def test_a_secret_is_refused_and_never_repeated(text: str, write: Write) -> None:
    said = "\n".join(refusal(write(text)))
    assert "secrets never stand in the config; take it out, and store it with `unbusy login ACCOUNT`" in said
    assert "hunter2" not in said


def test_what_may_be_a_secret_is_not_quoted(write: Write) -> None:
    said = refusal(write(HOME + "[accounts]\npassword_command = 'hunter2'"))
    assert said == ["7: accounts.password_command: expected a table"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"a = 1\nb = = 2\n", "2:5: Invalid value; write TOML, see https://toml.io"),
        (b"a = 1\na = 2\n", "2:6: Cannot overwrite a value; write TOML"),
        (b'a = """', "1: Unterminated string; write TOML"),
        (b"a = " + b"9" * 5000, "1: Exceeds the limit"),
        (b"a = 1\n# gr\xfcn\n", "2: byte 0xfc; save the file as UTF-8"),
        (b"a = 1\n\n\x00", "3:1: Invalid"),
        (b"\xff\xfea\x00", "1: byte 0xff; save the file as UTF-8"),
    ],
    ids=["syntax", "twice", "no end", "huge number", "Latin-1", "NUL", "UTF-16"],
)
def test_what_is_no_toml(raw: bytes, says: str, write: Write) -> None:
    [line] = refusal(write(raw))
    assert line.startswith(says)


@pytest.mark.parametrize("opening", ["a = " + "[" * 20000, "a = " + "[" * 400 + "]" * 400, "a." * 9000 + "b = 1"])
def test_what_is_nested_without_end_is_refused(opening: str, write: Write) -> None:
    assert refusal(write(opening))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, write: Write) -> None:
    assert refusal(tmp_path / "none.toml") == [" No such file or directory"]
    assert refusal(tmp_path) == [" Is a directory"]
    assert refusal(Path("/proc/self/mem")) == [" Input/output error"]
    assert refusal(Path("a\0b")) == [" embedded null byte"]
    assert refusal(write(b"#" * 10_000_000)) == [" over 100 kB, which no config is"]


KEYS = [*Config.__struct_fields__, *FocusOptions.__struct_fields__, "from", "to", "type", "path", "mon", "a b", "token"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**300)
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(["vdir", "8h", "09:00-12:00", "x" * 3000, "Europe", "28d", "a@b", "monday", "\0"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=15,
)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "accounts": VALUES | st.dictionaries(st.sampled_from(["a", "b", ""]), VALUES, max_size=2),
        "policies": VALUES | st.dictionaries(st.sampled_from([*POLICIES, "x"]), VALUES, max_size=3),
        "working_hours": VALUES | st.dictionaries(st.sampled_from(["mon", "mon-wed", "sun"]), VALUES),
        "away": VALUES | st.lists(st.dictionaries(st.sampled_from(["from", "to"]), VALUES)),
    },
)


@settings(max_examples=150)
@given(TABLES, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_whatever_the_tables_hold_it_is_a_config_or_faults(tables: dict[str, object], more: dict[str, object]) -> None:
    data = more | tables
    found = list(faults(data))
    if not found:
        config.profile(built(data))
    assert all(fault.text and len(fault.text) < 500 for fault in found)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("[]{}=.,\"'#\n ab1-:\\") | st.characters(codec="utf-8"), max_size=60))
def test_whatever_the_file_holds_it_is_a_config_or_an_error(text: str, write: Write) -> None:
    assert refusal(write(text))


def variables(monkeypatch: pytest.MonkeyPatch, **values: str | Path) -> None:
    for name in ("UNBUSY_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "STATE_DIRECTORY", "TZ"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))


def test_a_config_is_found_where_it_is_named_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = tmp_path / "etc", tmp_path / "home/.config", tmp_path / "xdg"
    assert places.SYSTEM == "/etc"
    monkeypatch.setattr(places, "SYSTEM", str(folders[0]))
    variables(monkeypatch, XDG_CONFIG_HOME=tmp_path / "xdg", HOME=tmp_path / "home")
    assert config.find(None) is None
    for folder in folders:
        (folder / "unbusy").mkdir(parents=True)
        (folder / "unbusy/config.toml").write_text(HOME)
        assert config.find(None) == folder / "unbusy/config.toml"
    monkeypatch.setenv("UNBUSY_CONFIG", "not/there.toml")
    assert config.find(None) == Path("not/there.toml")
    assert config.find("other.toml") == Path("other.toml")


def test_a_relative_xdg_folder_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xdg/unbusy").mkdir(parents=True)
    (tmp_path / "xdg/unbusy/config.toml").write_text(HOME)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(places, "SYSTEM", str(tmp_path))
    variables(monkeypatch, XDG_CONFIG_HOME="xdg", HOME=tmp_path / "home")
    assert config.find(None) is None


@pytest.mark.parametrize(
    ("state", "environment", "folder"),
    [
        ("/var/x", {"STATE_DIRECTORY": "/s"}, "/var/x"),
        ("~/x", {}, "/home/ada/x"),
        ("", {"STATE_DIRECTORY": "/s:/t", "XDG_STATE_HOME": "/xdg"}, "/s"),
        ("", {"XDG_STATE_HOME": "/xdg"}, "/xdg/unbusy"),
        ("", {"XDG_STATE_HOME": "xdg"}, "/home/ada/.local/state/unbusy"),
        ("", {}, "/home/ada/.local/state/unbusy"),
    ],
    ids=["the config", "in the home", "systemd, of several the first", "XDG", "XDG must be absolute", "default"],
)
def test_where_the_state_is(
    state: str, environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables(monkeypatch, HOME="/home/ada", **environment)
    assert config.state_dir(Config(state=Folder(state))) == Path(folder)


def test_without_a_home_the_state_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, HOME="home")
    with pytest.raises(ConfigError, match="no home for the state"):
        config.state_dir(Config())


def test_the_hint_for_newcomers_holds_a_config_that_loads(write: Write) -> None:
    example = "\n".join(line[4:] for line in NO_CONFIG.splitlines() if line.startswith("    "))
    assert load(write(example)).accounts["home"].write == "work"


@pytest.mark.parametrize(
    ("tz", "link", "file", "zone"),
    [
        ("Asia/Tokyo", "/usr/share/zoneinfo/Europe/Paris", "America/Lima\n", "Asia/Tokyo"),
        (":Asia/Tokyo", None, None, "Asia/Tokyo"),
        ("/usr/share/zoneinfo/Asia/Tokyo", None, None, "Asia/Tokyo"),
        ("Nowhere/Land", "/usr/share/zoneinfo/Europe/Paris", None, "Europe/Paris"),
        ("", "/usr/share/zoneinfo/Europe/Paris", "America/Lima\n", "Europe/Paris"),
        ("", None, "America/Lima\n", "America/Lima"),
        ("", None, "\xff", "UTC"),
        ("", None, None, "UTC"),
    ],
    ids=["$TZ", "$TZ with a colon", "$TZ as a path", "unknown $TZ", "link", "file", "broken file", "nothing"],
)
def test_the_zone_of_the_machine(
    tz: str, link: str | None, file: str | None, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables(monkeypatch, TZ=tz)
    monkeypatch.setattr(values, "LOCALTIME", tmp_path / "localtime")
    monkeypatch.setattr(values, "TIMEZONE", tmp_path / "timezone")
    if link:
        (tmp_path / "localtime").symlink_to(link)
    if file:
        (tmp_path / "timezone").write_text(file, "latin-1")
    assert values.system_zone() == zone
    assert Config().timezone == zone


def test_the_profile(write: Write) -> None:
    loaded = load(
        write("""
timezone = "Europe/Warsaw"
week_starts = "saturday"
ignore = ["lunch*"]
unanswered_busy = false
[accounts.private]
type = "vdir"
path = "/private"
emails = ["Me@Home.example"]
[accounts.work]
type = "vdir"
path = "/work"
emails = ["Ada@example.com", "ada@corp.example"]
write = "Work"
[policies.focus]
titles = ["deep*"]
categories = []
""")
    )
    assert config.writing(loaded) == ("work", loaded.accounts["work"])
    assert config.profile(loaded) == Profile(
        owner="Ada@example.com",
        zone=ZoneInfo("Europe/Warsaw"),
        hours=NINE_TO_FIVE,
        me=frozenset({"me@home.example", "ada@example.com", "ada@corp.example"}),
        week_starts=5,
        ignore=("lunch*",),
        focus_titles=("deep*",),
        focus_categories=(),
        unanswered_busy=False,
        reports_by_calendar=True,
        internal=frozenset({"home.example", "example.com", "corp.example"}),
    )
    assert isinstance(config.profile(loaded).hours, WorkingHours)


def test_who_is_who(write: Write) -> None:
    who = config.profile(load(write("""
internal = ["Corp.example"]
[people]
boss = "Eva@x.example"
guild = ["bo@x.example", "cy@x.example", "bo@x.example"]
""" + HOME + "emails = ['a@x.example']")))  # fmt: skip
    assert who.groups == {"boss": {"eva@x.example"}, "guild": {"bo@x.example", "cy@x.example"}}
    assert who.reports_by_calendar, "which is the default"
    assert who.internal == {"corp.example"}
    assert not config.profile(load(write("[people]\nreports = []" + HOME))).reports_by_calendar


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[people]\nboss = 'auto'", "2: people.boss: 'auto' is for reports alone"),
        ("[people]\nboss = ['eva']", "2: people.boss: 'eva' is not an address; list them, as in"),
        ("[people]\npeers = 5", "2: people.peers: 5 is not an address; list them"),
        ("[people]\npeers = [['a@b.c']]", "2: people.peers: a list is not an address; list them"),
        ("people = 5", "1: people: 5; write a table such as { boss"),
        ("internal = ['me@corp.example']", "1: internal[1]: 'me@corp.example'; expected a string, such as 'example"),
        ("internal = 'corp.example'", "1: internal: 'corp.example'; expected a list of: a string"),
    ],
)
def test_who_is_who_is_checked(text: str, said: str, write: Write) -> None:
    (fault,) = refusal(write(text + HOME))
    assert fault.startswith(said), fault


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        (HOME + "emails = ['b@x', 'a@x']", "b@x"),
        (HOME, "home"),
        ("owner = 'ada'" + HOME + "emails = ['b@x']", "ada"),
    ],
    ids=["first address", "name of the account", "as the config says"],
)
def test_the_owner_of_our_marks(text: str, owner: str, write: Write) -> None:
    assert config.profile(load(write(text))).owner == owner


def test_days_away_are_whole_days_of_the_zone(write: Write) -> None:
    text = """
away = [
    { from = 2026-10-24, to = 2026-10-25 }, { from = 2026-10-26, to = 2026-10-26 },
    { from = 2027-01-01, to = 2027-01-01 },
]
"""
    zone = ZoneInfo("Europe/Warsaw")
    assert config.away(load(write(text + HOME)), zone) == (
        DateRange(date(2026, 10, 24), date(2026, 10, 27)).span(zone),
        DateRange(date(2027, 1, 1), date(2027, 1, 2)).span(zone),
    )


OTHERS = """
from daemon.model.options import AccountOptions, Minutes, PolicyOptions
from daemon.model.proposal import Role
from daemon.model.protocols import ConnectorKind, PolicyKind

class NapOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    minutes: int = 20

class ImapOptions(AccountOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str
    token_age: Minutes = Minutes(5)

def check(options, working):
    if options.minutes > working:
        yield "minutes", f"a week has {working} minutes of work; take fewer"

nap = PolicyKind(
    options=NapOptions, propose=lambda snapshot, options: (), roles={"": Role.PAUSE}, keys=lambda snapshot, options: (),
    check=check,
)
class Imap:
    def close(self):
        pass

imap = ConnectorKind(ImapOptions, lambda *_: Imap(), writes=True)
pop3 = ConnectorKind(ImapOptions, lambda *_: Imap())
wrong = 5
"""
ENTRY_POINTS = """
[unbusy.connectors]
imap = others:imap
pop3 = others:pop3
[unbusy.policies]
nap = others:nap
focus = others:wrong
"""


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's package, installed."""
    (tmp_path / "others.py").write_text(OTHERS)
    (tmp_path / "others-1.dist-info").mkdir()
    (tmp_path / "others-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1\n")
    (tmp_path / "others-1.dist-info/entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)


def test_other_packages_bring_policies_and_connectors(others: None, write: Write) -> None:
    text = "[policies.nap]\nminutes = 5\n[accounts.a]\ntype = 'imap'\nhost = 'h'\nwrite = 'x'\n[policies.focus]\n"
    loaded = load(write(text))
    assert config.show(loaded).count("minutes = 5") == 1
    assert isinstance(loaded.policies["focus"], FocusOptions)
    assert load(write(config.show(loaded))) == loaded
    assert registry.roles(loaded.policies).of(Wish("nap", "any")) is Role.PAUSE
    assert "nap" in config.schema()["properties"]["policies"]["properties"]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("nap]\nminutes = 9999", "7: policies.nap.minutes: a week has 2550 minutes of work; take fewer"),
        ("nap]\nminutes = 'x'", "7: policies.nap.minutes: 'x'; expected a whole number"),
        ("wrong]", "6: policies.wrong: 'wrong' is not a PolicyKind; update or remove its package"),
        ("broken]", "6: policies.broken: 'broken' cannot be loaded: ModuleNotFoundError("),
        ("nape]", "6: policies.nape: 'nape' is not known; did you mean 'nap'?"),
    ],
)
def test_other_packages_are_held_to_the_same(
    section: str, says: str, others: None, tmp_path: Path, write: Write
) -> None:
    with (tmp_path / "others-1.dist-info/entry_points.txt").open("a") as points:
        points.write("wrong = others:wrong\nbroken = nowhere:nap\n")
    [line] = refusal(write(HOME + f"[policies.{section}"))
    assert line[: len(says)] == says


def test_the_value_of_an_option_of_other_packages_is_not_quoted_either(others: None, write: Write) -> None:
    said = refusal(write("[accounts.a]\ntype = 'imap'\nhost = 'h'\nwrite = 'x'\ntoken_age = 'hunter2'"))
    assert said == ["5: accounts.a.token_age: expected a string, such as '1h30m'"]


def test_the_account_to_write_to_is_of_a_kind_that_can_be_written_to(
    others: None, tmp_path: Path, write: Write
) -> None:
    """A kind says whether it can; one that says so and cannot is found when it is opened, before anything is read."""
    text = f"state = '{tmp_path}/state'\n[accounts.a]\ntype = 'imap'\nhost = 'h'\nwrite = 'x'\n"
    said = refusal(write(text.replace("imap", "pop3")))
    assert said == ["5: accounts.a.write: accounts of type 'pop3' are only read; write to another"]
    with pytest.raises(ConfigError, match="type 'imap' cannot be written to") as refused:
        open_runtime(load(write(text)), lambda: datetime.now(UTC)).__enter__()
    assert refused.value.remedy


def test_value_types_of_the_config_read_back() -> None:
    assert str(Days.parse("28d")) == "28d"
    assert Days.parse("28") == 28
    assert Zone.parse("UTC") == "UTC"
    hours = {"mon,wed": "09:00-17:00", "tue": ["09:00-12:00", "13:00-24:00"]}
    assert Hours.parse(hours).table() == hours
    assert Hours.parse(hours).minutes == 2 * 480 + 180 + 660
