"""The words that calendars are made of, good ones and bad ones, for tests that put them together in any order."""

from __future__ import annotations

WORDS = (
    b"BEGIN:", b"END:", b"VEVENT", b"VCALENDAR", b"VTIMEZONE", b"STANDARD", b"\r\n", b"\n", b"\r", b" ", b":", b";",
    b"=", b",", b"/", b'"', b"\\", b"\0", b"DTSTART", b"DTEND", b"DURATION", b"RRULE:FREQ=", b"DAILY", b"YEARLY",
    b"SECONDLY", b"COUNT=", b"UNTIL=", b"INTERVAL=", b"BYDAY=", b"BYSETPOS=", b"RDATE", b"EXDATE", b"RECURRENCE-ID",
    b"RANGE=THISANDFUTURE", b"TZID=", b"TZID:X", b"Europe/Berlin", b"TZOFFSETFROM:", b"TZOFFSETTO:", b"+0100",
    b"VALUE=DATE", b"VALUE=PERIOD", b"20260302", b"T090000", b"Z", b"00010101", b"99991231", b"-1", b"0", b"7",
    b"99999999999", b"MO", b"P1D", b"-PT5M", b"UID:u", b"SEQUENCE:", b"\r\nBEGIN:VEVENT\r\nUID:u\r\n",
    b"\r\nEND:VEVENT\r\n", b"\r\nDTSTART;TZID=", b"\r\nDTEND;TZID=", b"\r\nEXDATE;TZID=", b"\r\nEXRULE:FREQ=WEEKLY",
    b"\r\nRECURRENCE-ID;TZID=", b"\r\nATTENDEE;CN=A: B;PARTSTAT=DECLINED:mailto:", b"\r\nSUMMARY;ALTREP=http",
    b"\r\nX-WR-TIMEZONE:", b"\r\nX-APPLE-TRAVEL-DURATION;VALUE=DURATION:", b"X-LIC-LOCATION:",
    b"tzone://Microsoft/Utc", b"Customized Time Zone", b"W. Europe Standard Time", b"UTC-02", b"UTC+03:00",
    b"GMT+0530", b"(GMT+01:00) Amsterdam, Berlin", b"(UTC", b"PST", b"Mitteleurop\xc3\xa4ische Zeit",
    b"\xe5\xa4\xa7\xe9\x98\xaa\xe3\x80\x81\xe6\x9c\xad\xe5\xb9\x8c\xe3\x80\x81\xe6\x9d\xb1\xe4\xba\xac", b"europe/",
    b"2026-03-02", b"T10:00", b" 10:00", b".000", b"+01:00", b"GMT", b"UNTIL=2026-03-09", b"INTERVAL=1.0",
    b"RSCALE=GREGORIAN;", b"RSCALE=HEBREW;", b"SKIP=BACKWARD;", b"SKIP=FORWARD;", b"BYMONTHDAY=31", b"BYMONTHDAY=-31",
    b"FREQ=MONTHLY;", b"RRULE:RRULE:", b"Monday", b"STATUS:CANCELED", b"DTSTAMP:20260101T000000Z", b"mailto:", b"CN=",
    b"X-A=b:c;",
)  # fmt: skip
