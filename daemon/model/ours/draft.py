"""An event of ours as it is to be written."""

from __future__ import annotations

from msgspec import Struct

from daemon.model.event import CalendarId, ShowAs
from daemon.model.owner import Mark
from daemon.model.times import When


class Draft(Struct, frozen=True, kw_only=True):
    """An event of ours as it should stand; enough for any connector to write it.

    Private unless it is `visible`, and without attendees.  `zone` is the name of the user's zone, in which timed ones
    are written.  `focus`: it is focus time, if the store knows such a kind of event.
    """

    calendar: CalendarId
    mark: Mark
    when: When
    zone: str
    title: str
    text: str
    show_as: ShowAs
    reminder: int | None
    colour: str
    focus: bool = False
    visible: bool = False

    @property
    def uid(self) -> str:
        """See `Mark.uid`."""
        return self.mark.uid
