"""How the calendars of the user are read: what the config makes of each, and how far that went."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.model.event import CalendarId, ReadAs


class CalendarUse(Struct, frozen=True, kw_only=True):
    """How a calendar is read.

    `written`: unbusy writes to it, so that all in it is the user's.  `whole`: events without people are somebody
    else's, too.  `labelled`: its events say which of them are public holidays.
    """

    read_as: ReadAs = ReadAs.MINE
    written: bool = False
    whole: bool = False
    labelled: bool = False


WRITTEN = CalendarUse(written=True)


class CalendarState(Struct, frozen=True, kw_only=True):
    """How a calendar was read.

    `read_at` None: never in full; `stale`: it stands as it was last read.  `part`: how far it was read where some of it
    is left for the next time, in words ('still being read: 5,000 of 12,300'); '' when it was read in full.
    `own`: it is the user's own, and can be written to.  `comments`: a reply there may have words beside it.
    """

    id: CalendarId
    name: str
    read_at: datetime | None
    stale: bool = False
    use: CalendarUse = WRITTEN
    part: str = ""
    own: bool = True
    comments: bool = False
