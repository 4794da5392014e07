"""What a change does, and why it is made."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What a change does; of one wish, in this order."""

    DELETE = "delete"
    UPDATE = "update"
    CREATE = "create"
    ANNOTATE = "annotate"
    RESPOND = "respond"


class Cause(StrEnum):
    """Why a change is made: the fact, of which `reason` is the sentence.  Of several, the first of these."""

    WANTED = "wanted"  # a policy asks for it
    BOOKED_OVER = "booked over"  # something was booked over the place that it has to leave
    BOOKED_OVER_AGAIN = "booked over again"  # the same, of a block that had been moved before: it goes
    NO_ROOM = "no room"  # something was booked over it, and its week has no other place: it is shown as free
    LUNCH = "lunch"  # it had come to stand over the last time for lunch
    MAKES_ROOM = "makes room"  # it ends earlier, so that another event of ours has a place on its day
    BETTER_PLACE = "better place"  # another place is worth more
    HARDENED = "hardened"  # it is shown as busier: little free time is left, or it begins soon
    RENAMED = "renamed"  # it has another title
    CONTENT = "content"  # its text, reminder or colour is another one
    UNWANTED = "unwanted"  # no policy asks for it any more
    SKIPPED = "skipped"  # the user turned it down with `#skip`
    SKIPPED_WEEK = "skipped week"  # its policy rests in that week, by `#skip-week`
    AWAY = "away"  # the user is away, or has paused unbusy
    MOVED_CALENDAR = "moved calendar"  # it goes to another calendar: deleted here, created there
    UNDONE = "undone"  # the run that made the opposite change is taken back
    REDONE = "redone"  # what `undo` took back is wanted again
    PURGED = "purged"  # every trace is removed
    ANSWERED = "answered"  # a command gets its answer
    RULE = "rule"  # a rule of the user's answers an invitation

    @property
    def ordered(self) -> bool:
        """Whether the user asked for it, so that no limit counts it."""
        words = (self.SKIPPED, self.SKIPPED_WEEK, self.AWAY, self.MOVED_CALENDAR)
        return self in (*words, self.UNDONE, self.REDONE, self.PURGED)
