"""The few kinds of failure that a cycle knows.  Connectors translate every other error into one of these, once.

Each carries what happened and, where there is one, what the user can do about it.
"""

from __future__ import annotations

from datetime import timedelta


class UnbusyError(Exception):
    """A failure with a remedy; `code` is the exit code of the command line."""

    code = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        """Say what failed, and how to mend it if that is known."""
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class ConfigError(UnbusyError):
    """The config, an option or an argument is wrong."""

    code = 2


class RefusedError(UnbusyError):
    """Not logged in, or not allowed."""

    code = 3


class LoginError(RefusedError):
    """Nobody is logged in: there is no secret, or the server does not take it."""


class NoSecretError(LoginError):
    """There is no secret here; where the daemon runs there may be one."""


class TemporaryError(UnbusyError):
    """May pass by itself; `retry_after` is when, where the other side said so."""

    code = 4

    def __init__(self, what: str, remedy: str = "", retry_after: timedelta | None = None) -> None:
        """As `UnbusyError`, with the time after which to try again."""
        super().__init__(what, remedy)
        self.retry_after = retry_after


class EndedError(UnbusyError):
    """Somebody has asked unbusy to end; nothing went wrong."""


class StoppedError(UnbusyError):
    """A limit forbids the plan; nothing was written."""

    code = 5


class UnreadableError(UnbusyError):
    """A calendar or a resource cannot be read now; what was read of it before stands."""


class QuotaError(UnbusyError):
    """The store has no room left."""


class LostRaceError(UnbusyError):
    """Somebody else changed the resource since it was read; the next cycle plans afresh."""


class GoneError(LostRaceError):
    """The resource is no longer there."""


class ExistsError(LostRaceError):
    """Something already stands where a new resource was to be created."""


class DeletedError(LostRaceError):
    """What was to be created had been there, and somebody deleted it for good."""
