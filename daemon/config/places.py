"""Where the config and the state are (XDG base directories: https://specifications.freedesktop.org/basedir)."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.config.schema import Config
from daemon.model.errors import ConfigError

SYSTEM = "/etc"
"""Where the config of the whole machine is."""

NO_CONFIG = """\
There is no config yet.

`unbusy demo` needs none: it shows the whole of unbusy on an example calendar.

For your own calendars, `unbusy init` writes one by asking.  By hand it is ~/.config/unbusy/config.toml:

    [accounts.home]
    type = "vdir"
    path = "~/.calendars"         # a folder of calendars: one folder of .ics files each
    write = "work"                # the calendar that unbusy writes to
    emails = ["ada@example.com"]  # who you are among the attendees

Then `unbusy plan` shows what unbusy would do, and changes nothing.  A config that stands elsewhere is named with
--config or $UNBUSY_CONFIG.
"""


def find(explicit: str | None) -> Path | None:
    """The config to read, or None: the one that is named, there or not; else the first that is there."""
    named = explicit or os.environ.get("UNBUSY_CONFIG")
    if named:
        return Path(named)
    folders = [*_xdg("XDG_CONFIG_HOME"), written_out("~/.config"), SYSTEM]
    files = (f"{folder}/unbusy/config.toml" for folder in folders)
    return next((Path(file) for file in files if os.path.exists(file)), None)  # noqa: PTH110 Path's raises


def state_dir(config: Config) -> Path:
    """The folder of ledger and journal; it need not exist yet.  systemd may name several, the first is meant."""
    by_systemd = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    by_xdg = f"{next(iter(_xdg('XDG_STATE_HOME')), '~/.local/state')}/unbusy"
    folder = written_out(config.state or by_systemd or by_xdg)
    if not folder.startswith("/"):
        raise ConfigError("there is no home for the state", "name a folder with `state` in the config")
    return Path(folder)


def written_out(path: str) -> str:
    """With ~ written out, if the user has a home."""
    return os.path.expanduser(path)  # noqa: PTH111 Path's raises


def _xdg(name: str) -> list[str]:
    """The folder that a variable names; a relative one must be ignored."""
    return [folder for folder in [os.environ.get(name, "")] if folder.startswith("/")]
