"""A series whose master and overrides lie in different resources of one calendar.  Pure.

RFC 4791 (4.1) keeps them together; programs that write one file for each component do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from daemon.model.event import Event
from daemon.model.protocols import Reading


def in_force(readings: Iterable[Reading]) -> Iterator[Event]:
    """The events of one calendar from all of its resources, without instances that another resource overrides.

    Where two resources describe one instance by itself, both count: nothing says which is the newer.
    """
    readings = list(readings)
    said = Counter(identity for reading in readings for identity in reading.overrides)
    for reading in readings:
        for event in reading.events:
            identity = (event.ref.uid, event.ref.recurrence_id)
            if not said[identity] or identity in reading.overrides:
                yield event
