"""`unbusy init`: from nothing to a protected week, by a conversation about the calendars that are really there."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from daemon.cli.session import Session, home, say
from daemon.cli.setup.asking import Conversation, Kept, one_of
from daemon.cli.setup.practices import practices
from daemon.cli.talk import Terminal
from daemon.model.errors import ConfigError, RefusedError, StoppedError, UnbusyError

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.cli.setup.providers import Provider
    from daemon.cli.setup.survey import Survey
    from daemon.model.options import AccountOptions

NEW = "new"
"""Instead of the name of a calendar: one is made."""

Table = dict[str, Any]
"""A table of the config."""

HEAD = """\
# unbusy: what it may read and write, and what you want of your time.  Every option, with its default:
# `unbusy config example`, or what is in force: `unbusy config show`.  No secrets stand here.

"""


@click.command()
@click.option("--endpoint", hidden=True, default="", help="Where Google's API is, for an emulator.")
@click.pass_obj
def init(session: Session, endpoint: str) -> int:
    """Write a first config, by asking, and protect the first weeks if you like.

    It proposes what it finds, and asks again where an answer will not do.  Left in the middle, it goes on from there.
    """
    from daemon.config import find

    talk = Terminal()
    path = Path(session.config_path) if session.config_path else _usual("XDG_CONFIG_HOME", ".config") / "config.toml"
    there = path if path.exists() else find(session.config_path)
    if there and there.exists() and not talk.agree(f"{home(there)} is there already. Write another {home(path)}?"):
        raise StoppedError("nothing was written")
    kept = Kept(_usual("XDG_STATE_HOME", ".local/state") / "init.json")
    if kept.load() and not talk.agree("You had begun with this before. Go on from there?", default=True):
        kept.clear()
    try:
        _converse(session, Conversation(talk, kept), path, endpoint)
    except (click.Abort, KeyboardInterrupt, EOFError):
        say("\nNothing is lost: `unbusy init` goes on from here.")
        raise
    return 0


def _converse(session: Session, asked: Conversation, path: Path, endpoint: str) -> None:
    """The questions in their order, the file, and the first plan."""
    from daemon.config.toml import dumps

    say("unbusy reads your calendars and protects time for thinking. Nothing is written to them before you say yes.")
    account = asked.ask("account", "A name for your account", _name, default="work")
    table, seen = _account(asked, account, path, session.now, endpoint)
    table |= _emails(asked, seen)
    table |= _calendars(asked, seen, table["emails"], _maker(account, table))
    top = _times(asked, seen, table["emails"])
    policies = practices(asked, top)
    text = dumps({**top, "accounts": {account: table}, "policies": policies})
    _write(path, HEAD + text)
    asked.kept.clear()
    say(f"Wrote {home(path)}.")
    _first_plan(Session(str(path), session.now_text, session.verbose), asked.talk)


def _usual(variable: str, otherwise: str) -> Path:
    folder = os.environ.get(variable, "")
    return (Path(folder) if folder.startswith("/") else Path("~").expanduser() / otherwise) / "unbusy"


def _name(text: str) -> str:
    from daemon.config.schema import NAME

    if not NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a name for an account; use letters, digits, - and _")
    return text


# -- the account ------------------------------------------------------------------------------------------------------


def _account(
    asked: Conversation, account: str, path: Path, now: Callable[[ZoneInfo], datetime], endpoint: str
) -> tuple[Table, Survey]:
    """The account's table, and what a first look at it shows; asked until it can be read."""
    from daemon.cli.setup.providers import PROVIDERS, provider
    from daemon.cli.setup.survey import survey
    from daemon.config import registry

    have = [p for p in PROVIDERS if p.kind in registry.connectors()]
    for number, p in enumerate(have, 1):
        asked.say(f"  {number:>2}  {p.name:<12} {p.what}")
    names = [p.name for p in have]
    chosen = provider(asked.ask("kind", "Where are your calendars?", one_of(*names), default=names[0]))
    if chosen.hint:
        asked.say(f"  {chosen.hint}")
    while True:
        table = _place(asked, chosen) | ({"endpoint": endpoint} if endpoint and chosen.kind == "google" else {})
        try:
            table |= _secret(asked, account, _made(chosen.kind, table), path)
            say("Reading your calendars ...")
            return table, survey(account, _made(chosen.kind, table), table, now)
        except UnbusyError as error:
            asked.say(f"  {error.what}" + (f"; {error.remedy}" if error.remedy else ""))
            asked.kept.drop("path", "url", "username")


def _place(asked: Conversation, chosen: Provider) -> Table:
    from daemon.cli.setup.providers import FOLDERS, folders

    table: Table = {"type": chosen.kind}
    if chosen.kind == "vdir":
        usual = next(iter(folders(chosen.name)), FOLDERS[0])
        table["path"] = asked.ask("path", "The folder", str, default=usual)
    if chosen.kind == "caldav":
        said = asked.ask("url", "The address of the server, or yours of mail there", str, default=chosen.url)
        table["url"] = _server(asked, said) if "@" in said and "://" not in said else said
        table["username"] = asked.ask("username", "Your user name there", str, default=said if "@" in said else "")
    return table


def _server(asked: Conversation, address: str) -> str:
    """The server that the domain of an address names, if the user agrees; else what was typed, which will not do."""
    from daemon.config import registry

    find = registry.connector("caldav").server
    found = find(address) if find else ""
    domain = address.rpartition("@")[2]
    if found and asked.talk.agree(f"{domain} names {found} as its server. Take it?", default=True):
        return found
    asked.say(f"  {domain} names no server that you take.")
    return address


def _made(kind: str, table: Table) -> AccountOptions:
    import msgspec

    from daemon.config import registry
    from daemon.model.options import decode

    try:
        return msgspec.convert(table, registry.connector(kind).options, dec_hook=decode)
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigError(str(error).partition(" - at ")[0]) from error


def _maker(account: str, table: Table) -> Callable[[str], None] | None:
    """Makes a calendar with this name, where the account can."""
    from daemon.config import registry
    from daemon.system import secrets

    kind, options = registry.connector(table["type"]), _made(table["type"], table)
    make = kind.make
    return (lambda name: make(options, secrets.once(account, options), name)) if make else None


def _secret(asked: Conversation, account: str, options: AccountOptions, path: Path) -> Table:
    """A secret that was tried, kept where it works here; what the config has to say of that."""
    from daemon.cli.setup.keeping import keep
    from daemon.config import registry
    from daemon.system import secrets

    kind, known = registry.connector(options.type), asked.kept.answers.get("secret file", "")
    if kind.login is None:
        return {}
    if known and Path(known).is_file():
        return {"password_command": ["cat", known]}
    try:
        secrets.find(account, options)
    except RefusedError:
        file = keep(account, kind.login(account, options, asked.talk), asked.talk, path)
        asked.kept.put("secret file", str(file or ""))
        return {"password_command": ["cat", str(file)]} if file else {}
    asked.say("  There is a secret for it already.")
    return {}


# -- what is proposed, and what the user makes of it ------------------------------------------------------------------


def _emails(asked: Conversation, seen: Survey) -> Table:
    def read(text: str) -> list[str]:
        found = [e.strip().lower() for e in text.replace(";", ",").split(",") if e.strip()]
        if not found or not all(e.count("@") == 1 and not e.startswith("@") and not e.endswith("@") for e in found):
            raise ValueError("write it like ada@example.com; several with a comma between them")
        return found

    why = "By them you are known among the people of a meeting."
    return {"emails": asked.ask("emails", "Your addresses", read, why=why, default=", ".join(seen.addresses))}


def _calendars(asked: Conversation, seen: Survey, emails: list[str], make: Callable[[str], None] | None) -> Table:
    infos = {info.name: info for info in seen.infos}
    met = seen.met(emails)
    for name, info in infos.items():
        whose = "" if info.owned else ", somebody else’s"
        asked.say(
            f"  {name}{whose}{'' if info.writable else ', only read'}: {len(met.get(info.id, ()))} meetings of yours"
        )
    able = [name for name, info in infos.items() if info.owned and info.writable] or list(infos)
    best = max(able, key=lambda name: len(met.get(infos[name].id, ())))
    why = "Where your colleagues see that you are busy. `unbusy purge` takes every event of unbusy out of it again."
    names = [*infos, *([NEW] if make and NEW not in infos else [])]
    if NEW in names:
        asked.say(f"  {NEW}: a calendar of its own is made, which your colleagues may not look at")
    _holidays(asked, seen)
    write = asked.ask("write", "Which one may unbusy write to?", one_of(*names), why=why, default=best)
    if write == NEW and make:
        write = _made_new(asked, make, infos)
    return {"write": write, "read": list(dict.fromkeys([*(n for n, info in infos.items() if info.owned), write]))}


def _holidays(asked: Conversation, seen: Survey) -> None:
    """What is known of days off."""
    from daemon.planning.counting.whose import is_of_holidays

    if names := [info.name for info in seen.infos if is_of_holidays(info.id, info.name)]:
        asked.say(f"  Days off, on which nothing is planned, are read from: {', '.join(names)}.")
    else:
        asked.say("  There is no calendar of public holidays; `unbusy docs calendar` says how one is read.")


def _made_new(asked: Conversation, make: Callable[[str], None], there: Collection[str]) -> str:
    """The name of a calendar that was made; asked until it could be."""
    while True:
        name = asked.ask("new", "Its name", str.strip, default="unbusy")
        if name in there:
            return name  # it was made before this conversation was left
        try:
            make(name)
        except UnbusyError as error:
            asked.say(f"  {error.what}" + (f"; {error.remedy}" if error.remedy else ""))
            asked.kept.drop("new")
        else:
            return name


def _times(asked: Conversation, seen: Survey, emails: list[str]) -> Table:
    """Zone, hours, first day of the week, lunch."""
    from daemon.cli.setup.proposals import first_day, written_hours
    from daemon.config.values import Hours, Zone, system_zone

    here = str(system_zone())
    if seen.zone and seen.zone != here:
        asked.say(f"  Your calendars are in {seen.zone}, this machine is in {here}.")
    zone = asked.ask("zone", "Your time zone", Zone.parse, default=seen.zone or here)

    def hours(text: str) -> dict[str, object]:
        try:
            return Hours.parse(written_hours(text)).table()
        except ValueError:
            raise ValueError("write them like mon-fri 09:00-17:30") from None

    why = "Focus is placed within them. Several parts: mon-thu 09:00-17:30; fri 09:00-12:00 13:00-16:00"
    proposed = seen.hours(emails, ZoneInfo(zone))
    if seen.told_hours:
        asked.say(f"  Working hours as your account has them: {proposed}.")
    top: Table = {
        "timezone": str(zone),
        "working_hours": asked.ask("hours", "Your working hours", hours, why=why, default=proposed),
    }
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_TIME") or os.environ.get("LANG", "")
    days = one_of("monday", "sunday", "saturday")
    first = asked.ask("first day", "Your week begins on", days, default=seen.week_starts or first_day(locale))
    if first != "monday":
        top["week_starts"] = first
    if not asked.agree("lunch", "Keep half an hour for lunch between 11:30 and 14:00?", default=True):
        top["lunch"] = False
    return top


# -- the file, and the first plan -------------------------------------------------------------------------------------


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


def _first_plan(session: Session, talk: Terminal) -> None:
    """What is wrong, if anything; what would stand on the calendar; and that, after a yes."""
    from daemon import cycle
    from daemon.cli.common import reading, tell, writing
    from daemon.cli.show import show_planned
    from daemon.cli.talk import Nobody
    from daemon.views.checks import check_all

    with session.runtime() as (runtime, now):
        steps = list(check_all(runtime, now, Nobody()))
        wrong = [problem for _, problem in steps if problem]
        say(f"Checked {len(steps)} things: {f'{len(wrong)} want a look' if wrong else 'all is well'}.")
        tell(wrong)
        with reading(runtime) as beat:
            planned = cycle.plan(runtime, now, beat=beat)
        show_planned(planned, runtime.config, verbose=False, weeks=True)
        if planned.plan.changes and not planned.plan.stopped and talk.agree("Apply it now?"):
            with runtime.run_lease.hold("`unbusy init`"), writing(runtime, planned.plan) as beat:
                cycle.confirm(runtime, now)
                done = cycle.carry_out(runtime, planned, now, command="apply", beat=beat)
            say(f"{done.done} events are on your calendar. Move, change or delete them: your edit stands.")
            say("Next: `unbusy service install` keeps it so. `unbusy undo` takes this back.")
            return
    say("Next: `unbusy plan` explains each event, `unbusy apply` writes them, `unbusy service install` keeps it so.")
