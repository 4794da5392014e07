"""Where people keep their calendars: the address of each, and where its password for a program is made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class Provider(NamedTuple):
    """`kind`: the type of the account; `url` and `path`: a proposal, `{user}` for the address; `hint`: what to know."""

    name: str
    what: str
    kind: str
    url: str = ""
    path: str = ""
    hint: str = ""


PROVIDERS = (
    Provider("google", "Google Calendar", "google", hint="`unbusy docs google` leads through Google's console."),
    Provider(
        "nextcloud", "Nextcloud or ownCloud", "caldav", "https://cloud.example.com/remote.php/dav",
        hint="Make an app password: Settings, Security, Devices & sessions.",
    ),
    Provider(
        "fastmail", "Fastmail", "caldav", "https://caldav.fastmail.com/",
        hint="Make an app password: Settings, Privacy & Security, Manage app passwords.",
    ),
    Provider(
        "icloud", "iCloud", "caldav", "https://caldav.icloud.com/",
        hint="Make an app-specific password on account.apple.com, under Sign-In and Security.",
    ),
    Provider("mailbox.org", "mailbox.org", "caldav", "https://dav.mailbox.org/", hint="Your user name: your address."),
    Provider("gmx", "GMX", "caldav", "https://caldav.gmx.net/", hint="With two factors: make an application password."),
    Provider("posteo", "Posteo", "caldav", "https://posteo.de:8443/", hint="Your user name is your Posteo address."),
    Provider("radicale", "Radicale", "caldav", "http://localhost:5232/"),
    Provider(
        "exchange", "Exchange or Microsoft 365, by DavMail on this machine", "caldav", "http://localhost:1080/",
        hint="Start DavMail first (davmail.sourceforge.net); its CalDAV port is 1080.",
    ),
    Provider("caldav", "another CalDAV server", "caldav", "https://calendar.example.com/"),
    Provider("vdirsyncer", "what vdirsyncer keeps in step with a server", "vdir",
             hint="What unbusy writes there goes to the server with vdirsyncer’s next run."),
    Provider("vdir", "a folder of .ics files on this machine (khal and others)", "vdir"),
)  # fmt: skip

FOLDERS = ("~/.calendars", "~/.local/share/vdirsyncer", "~/.local/share/khal/calendars", "~/.vdirsyncer/calendars")
"""Where khal and vdirsyncer usually keep calendars."""


VDIRSYNCER = ("~/.config/vdirsyncer/config", "~/.vdirsyncer/config")
_FOLDER = re.compile(r"""^\s*path\s*=\s*["']([~/][^"'\n]{1,400})["']\s*$""", re.MULTILINE)


def folders(name: str) -> list[str]:
    """Folders of calendars that are there; for vdirsyncer those that its config names first."""
    named = [found for path in VDIRSYNCER for found in _FOLDER.findall(_text(path))] if name == "vdirsyncer" else []
    return [folder for folder in (*named, *FOLDERS) if Path(folder).expanduser().is_dir()]


def _text(path: str) -> str:
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(2**20).decode(errors="replace")
    except OSError:
        return ""


def provider(name: str) -> Provider:
    """The row of that name."""
    return next(p for p in PROVIDERS if p.name == name)
