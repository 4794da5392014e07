"""`unbusy init`: a first config, made by asking, with the calendars that are really there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.session import Session, home, say
from daemon.cli.talk import Terminal
from daemon.model.errors import ConfigError, RefusedError, StoppedError, UnbusyError

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.model.options import AccountOptions
    from daemon.model.protocols import CalendarInfo

KINDS = {"caldav": "a CalDAV server (Nextcloud, Fastmail, iCloud, Radicale …)", "google": "Google Calendar",
         "vdir": "a folder of .ics files on this machine"}  # fmt: skip
FOLDERS = ("~/.calendars", "~/.local/share/vdirsyncer", "~/.local/share/khal/calendars", "~/.vdirsyncer/calendars")
"""Where khal and vdirsyncer usually keep calendars."""

HEAD = """\
# unbusy: what it may read and write, and what you want of your time.  Every option, with its default:
# config.example.toml, or `unbusy config show`.  No secrets stand here: `unbusy login {account}` stores them.

"""
TAIL = """
[policies.focus]
# weekly_goal = "8h"            # focus time a week
# prefer = "09:00-12:00"        # better times of the day
# block = { min = "60m", ideal = "120m", max = "180m" }

[policies.overload]             # flags on days and weeks that are over your limits
# enabled = true

[policies.reflection]           # a few questions at the end of the day, a weekly review
# enabled = true
"""


@click.command()
@click.pass_obj
def init(session: Session) -> int:
    """Write a first config, by asking."""
    from daemon.config import find

    talk = Terminal()
    path = Path(session.config_path) if session.config_path else _usual()
    there = path if path.exists() else find(session.config_path)
    if there and there.exists() and not talk.agree(f"{home(there)} is there already. Write another {home(path)}?"):
        raise StoppedError("nothing was written")
    account = talk.ask("A name for your account", default="work")
    kind = _kind(talk)
    table, secret, options = _account(talk, account, kind)
    found = _calendars(account, options, secret)
    table |= _choices(talk, found)
    text = HEAD.format(account=account) + _toml(account, table) + TAIL
    _write(path, text)
    say(f"Wrote {home(path)}.")
    if secret:
        _keep(account, secret)
    say("Next: `unbusy check`, then `unbusy plan`, which writes nothing.")
    return 0


def _usual() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(folder) if folder.startswith("/") else Path("~/.config").expanduser()) / "unbusy" / "config.toml"


def _kind(talk: Terminal) -> str:
    from daemon.config import registry

    have = [name for name in KINDS if name in registry.connectors()]
    for name in have:
        talk.say(f"  {name:<8} {KINDS[name]}")
    while (kind := talk.ask("Where are your calendars?", default=have[0])) not in have:
        talk.say(f"That is none of {', '.join(have)}.")
    return kind


def _account(talk: Terminal, account: str, kind: str) -> tuple[dict[str, Any], str, AccountOptions]:
    """What stands in the account's table, the secret that was tried ('' for none), and both as options."""
    from daemon.config import registry

    table: dict[str, Any] = {"type": kind}
    if kind == "vdir":
        usual = next((f for f in FOLDERS if Path(f).expanduser().is_dir()), FOLDERS[0])
        table["path"] = talk.ask("The folder", default=usual)
    if kind == "caldav":
        table["url"] = talk.ask("The address of the server, as in https://cloud.example.com/remote.php/dav")
        table["username"] = talk.ask("Your user name there")
    emails = talk.ask("Your e-mail address, as it stands in invitations", default=_address(table.get("username", "")))
    table["emails"] = [e.strip().lower() for e in emails.split(",") if e.strip()]
    found = registry.connector(kind)
    options = _made(found.options, table)
    secret = found.login(account, options, talk) if found.login else ""
    return table, secret, options


def _address(user: str) -> str:
    return user if "@" in user else ""


def _made(kind: type[AccountOptions], table: dict[str, Any]) -> AccountOptions:
    import msgspec

    from daemon.model.options import decode

    try:
        return msgspec.convert(table, kind, dec_hook=decode)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error), "run `unbusy init` again") from error


def _calendars(account: str, options: AccountOptions, secret: str) -> Sequence[CalendarInfo]:
    from datetime import UTC, datetime

    from daemon.config import registry

    kind = registry.connector(options.type)
    connector = kind.open(account, options, lambda: datetime.now(UTC), lambda: secret, _Blank())
    try:
        found = connector.calendars()
    finally:
        connector.close()
    if not found:
        raise UnbusyError("there is no calendar yet", "make one with your calendar program, then run this again")
    return found


class _Blank:
    """Notes of an account that is not set up yet."""

    def get(self, name: str) -> str:
        """Nothing was noted."""
        del name
        return ""

    def put(self, name: str, value: str) -> None:
        """Nothing is kept."""


def _choices(talk: Terminal, found: Sequence[CalendarInfo]) -> dict[str, Any]:
    for info in found:
        talk.say(f"  {info.name}{'' if info.owned else ', somebody else’s'}{'' if info.writable else ', only read'}")
    own = [i.name for i in found if i.owned and i.writable] or [i.name for i in found]
    while (write := talk.ask("Which one may unbusy write to?", default=own[0])) not in {i.name for i in found}:
        talk.say("There is no such calendar.")
    return {"write": write, "read": [i.name for i in found if i.owned or i.name == write]}


def _toml(account: str, table: dict[str, Any]) -> str:
    """The account's table of the config."""
    from daemon.config.schema import NAME
    from daemon.config.toml import dumps

    if not NAME.fullmatch(account):
        raise ConfigError(f"{account!r} is not a name for an account", "use letters, digits, - and _")
    return dumps({"accounts": {account: table}})


def _write(path: Path, text: str) -> None:
    """The file, whole and readable by its owner only, after it was read back as a config."""
    from daemon.config import load

    beside = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text)
        beside.chmod(0o600)
        load(beside)
        beside.replace(path)
    except OSError as error:
        raise UnbusyError(f"cannot write {path}: {error.strerror}", "name another file with --config") from error
    except UnicodeEncodeError:
        raise UnbusyError("a calendar has a name that is not in UTF-8", "rename its folder") from None
    finally:
        beside.unlink(missing_ok=True)


def _keep(account: str, secret: str) -> None:
    from daemon.system import secrets

    try:
        secrets.store(account, secret)
        say("The secret is in the keyring.")
    except RefusedError as error:
        say(f"{error.what}.\n  {error.remedy}")
