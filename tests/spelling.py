"""One calendar, written as RFC 5545 has it and as real programs write it: the same must be read from both."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st

ZONES = {
    "Europe/Berlin": (
        "europe/berlin", "/mozilla.org/20070129_1/Europe/Berlin", "example.com/Europe/Berlin", "Europe/Berlin/",
        "W. Europe Standard Time", "w.europe standard time 2", "W. Europe Daylight Time", "CEST", "Europe_Berlin",
        "(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "tzone://Microsoft/Olson/Europe/Berlin",
        r"(UTC+01:00) Amsterdam\, Berlin\, Bern\, Rome\, Stockholm\, Vienna", "Mitteleuropäische Zeit", "Paris, Madrid",
        "(GMT+01.00) Sarajevo/Warsaw/Zagreb", '"Romance (standaardtijd)"', "ora solare Europa occidentale",
    ),
    "America/New_York": (
        "US/Eastern", "US-Eastern", "US Eastern", "Eastern Standard Time", "Eastern Daylight Time", "EDT", "Eastern",
        "Eastern Time (US & Canada)", '"(GMT-05:00) Eastern Time (US & Canada)"',
        "(UTC-05:00) Eastern Time (US & Canada)",
    ),
    "Asia/Tokyo": (
        "Japan", "asia/tokyo", "Tokyo Standard Time", "JST", "UTC+09:00", '"GMT+0900"', "UTC+9", "+0900", "(UTC+09:00)",
        "(GMT+09:00) Osaka, Sapporo, Tokyo", "大阪、札幌、東京", "東京 (標準時)", "GMT+09:00",
    ),
    "UTC": ("utc", "Z", "GMT", "Etc/UTC", "Coordinated Universal Time", "tzone://Microsoft/Utc", "UTC+00:00", "(UTC)"),
}  # fmt: skip
"""Names of the wild for a few zones; what they mean is the same at all times since 2010."""
FORMS = (
    "{:%Y%m%dT%H%M%S}", "{:%Y%m%dT%H%M}", "{:%Y-%m-%dT%H:%M:%S}", "{:%Y-%m-%dT%H:%M}", "{:%Y-%m-%d %H:%M:%S}",
    '"{:%Y%m%dT%H%M%S}"', " {:%Y%m%dT%H%M%S} ", "{:%Y-%m-%dT%H:%M:%S.000}", "{:%Y%m%dt%H%M%S}", "{:%Y%m%dT%H:%M:%S}",
)  # fmt: skip
"""Local times, without seconds where there are none."""
RULES = (
    ("FREQ=DAILY;INTERVAL=2", ("RRULE:FREQ=DAILY;INTERVAL=2.0", " freq=daily ; interval = 2;")),
    ("FREQ=DAILY;INTERVAL=3", (r"FREQ=DAILY\;INTERVAL=3",)),
    ("FREQ=WEEKLY;BYDAY=MO,WE", ("FREQ=WEEKLY;BYDAY=Monday, Wed", "RRULE:RRULE:FREQ=WEEKLY;BYDAY=MO,WE")),
    ("FREQ=MONTHLY;BYMONTHDAY=31", ("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31.0;SKIP=OMIT",)),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", ("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD",)),
    ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", ('"FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1"',)),
)  # fmt: skip
"""Rules, and the same as others write them."""

Line = tuple[str, str]


@st.composite
def events(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """The lines of one event, as they should be and as they are."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    start = draw(st.datetimes(datetime(2025, 6, 1), datetime(2026, 3, 20))).replace(second=0, microsecond=0)
    start = start.replace(hour=draw(st.integers(4, 22)))
    lines = [_time(draw, "DTSTART", zone, start), _time(draw, "DTEND", zone, start + timedelta(minutes=45))]
    if draw(st.booleans()):
        plain, odd = draw(st.sampled_from(RULES))
        until = start + timedelta(days=draw(st.integers(0, 400)))
        plain_end, odd_end = draw(st.sampled_from([
            ("", ""), (";COUNT=9", ";COUNT=9.0"),
            (f";UNTIL={until:%Y%m%dT235959}", f";UNTIL={until:%Y-%m-%d}"),
            (f";UNTIL={until:%Y%m%dT%H%M%S}", f";UNTIL={until:%Y-%m-%d %H:%M:%S}"),
        ]))  # fmt: skip
        lines += [(f"RRULE:{plain}{plain_end}", f"RRULE:{draw(st.sampled_from([plain, *odd])).rstrip(';')}{odd_end}")]
        gone = [start + timedelta(days=n) for n in draw(st.lists(st.integers(0, 40), max_size=3, unique=True))]
        lines += [_dates(draw, "EXDATE", zone, gone)] if gone else []
    return [plain for plain, _ in lines], [odd for _, odd in lines]


def _name(draw: st.DrawFn, zone: str) -> str:
    return draw(st.sampled_from([zone, *ZONES[zone]]))


def _form(draw: st.DrawFn, moment: datetime) -> str:
    return draw(st.sampled_from(FORMS)).format(moment)


def _time(draw: st.DrawFn, name: str, zone: str, moment: datetime) -> Line:
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}", f"{name};TZID={_name(draw, zone)}:{_form(draw, moment)}"


def _dates(draw: st.DrawFn, name: str, zone: str, moments: list[datetime]) -> Line:
    odd = draw(st.sampled_from([",", ";", ", "])).join(_form(draw, m) for m in moments)
    return (
        f"{name};TZID={zone}:{','.join(f'{m:%Y%m%dT%H%M%S}' for m in moments)}",
        f"{name};TZID={_name(draw, zone)}:{odd}",
    )
