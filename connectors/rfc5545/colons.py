"""Where the value of a content line begins, when a parameter holds a colon and nobody has put it in quotes.

RFC 5545 (3.2) has the value begin after the first colon outside of quotes.  Exchange, Google and others write
`TZID=tzone://Microsoft/Utc`, `TZID=GMT+05:30` or `CN=Platform: A` bare.  So where what follows the first colon is no
value of the property's type, the value begins after the last colon that leaves one.
"""

from __future__ import annotations

import re

_WHEN = re.compile(r"[\s\"']*\d{4}(?:-?\d\d){2}(?!\d)")
_LENGTH = re.compile(r"\s*[+-]?P[\dT]", re.IGNORECASE)
_RULE = re.compile(r"[^:]*FREQ=|\s*RRULE:", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\d+\s*$")
_TOKEN = re.compile(r"\s*[A-Z-]+\s*$", re.IGNORECASE)
_PERSON = re.compile(r"\s*(?:mailto|urn|https?|sips?|tel|xmpp|ldaps?|cid|data|invalid|unknown):", re.IGNORECASE)
_ADDRESS = re.compile(r"[\s<]*[^\s:;,=\"<>@]+@[^\s:;,=\"<>@]+[\s>]*$")
_TYPES: dict[str, tuple[re.Pattern[str], ...]] = {
    **dict.fromkeys(
        ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE", "DTSTAMP", "CREATED", "LAST-MODIFIED"), (_WHEN,)
    ),
    **dict.fromkeys(("DURATION", "X-APPLE-TRAVEL-DURATION"), (_LENGTH,)),
    "TRIGGER": (_LENGTH, _WHEN),
    **dict.fromkeys(("RRULE", "EXRULE"), (_RULE,)),
    **dict.fromkeys(("ORGANIZER", "ATTENDEE"), (_PERSON, _ADDRESS)),
    **dict.fromkeys(("SEQUENCE", "PRIORITY"), (_NUMBER,)),
    **dict.fromkeys(
        ("STATUS", "TRANSP", "CLASS", "ACTION", "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT"), (_TOKEN,)
    ),
}
"""What values of a property look like, the surest first; all others are texts."""
_GOES_ON = re.compile(
    r"[^:\"]*;(?:ALTREP|CHARSET|CN|CUTYPE|DIR|DISPLAY|EMAIL|ENCODING|FEATURE|FILENAME|FMTTYPE|LABEL|LANGUAGE|ORDER"
    r"|RELTYPE|SIZE|TZID|VALUE|X-[\w-]+)=(?:\"[^\"]*\"|[^:;\"]*)(?:;[^:\"]*)?:",
    re.IGNORECASE,
)
_URI = re.compile(r"(?:ALTREP|DIR)=(?:https?|cid|file|ldaps?)$", re.IGNORECASE)
_URI_REST = re.compile(r"(?://[^/:]*(?::\d+(?=/))?)?[^:]*:")
_MOST = 10
"""How many parameters of one text may hold a colon."""
_SURE = ("mailto:", "MAILTO:", "<")
"""How most values begin that hold a colon of their own."""
_PARAMETERS = ("TZID=", "VALUE=")
"""How a value begins that has its parameters behind a colon."""


def parted(name: str, params: str, value: str) -> tuple[str, str]:
    """The parameters and the value of a line, of which `value` follows the first colon outside of quotes.

    `name` is in upper case.  What may be as it is stays so.
    """
    if ":" not in value or value.startswith(_SURE) or (not params and not value.startswith(_PARAMETERS)):
        return params, value
    types = _TYPES.get(name)
    begin = _text_begin(params, value) if types is None else _begin(types, value)
    if begin == 0:
        return params, value
    head = value[: begin - 1]
    return f"{params}:{head}" if params else head, value[begin:]


def _begin(types: tuple[re.Pattern[str], ...], value: str) -> int:
    """After the last colon that leaves a value of the first of these types; where there is none, at the beginning."""
    for kind in types:
        end = len(value)
        while (colon := value.rfind(":", 0, end)) >= 0:
            if kind.match(value, colon + 1):
                return colon + 1
            end = colon
        if kind.match(value):
            return 0
    return 0


def _text_begin(params: str, value: str) -> int:
    """Any text may hold a colon: only what names another parameter before it shows that the value is yet to come."""
    if not params:
        return 0
    begin = found.end() if _URI.search(params) and (found := _URI_REST.match(value)) else 0
    for _ in range(_MOST):
        if not (found := _GOES_ON.match(value, begin)):
            break
        begin = found.end()
    return begin
