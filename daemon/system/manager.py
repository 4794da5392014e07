"""The service manager: where its units are, and how it is asked (systemctl(1)).

Where it does not answer, the user is told what to run later.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from daemon.model.errors import RefusedError, UnbusyError
from daemon.system.shared import shared

PATIENCE = 60.0
"""Seconds for systemctl: to stop, a write in hand is finished first."""

OURS = "Description=unbusy"
"""What a unit of ours begins its description with."""

HOMES = ("/home/", "/root/")
"""What a system unit cannot see (ProtectHome=yes)."""

_COMMAND = re.compile(r"^ExecStart=\S+", re.MULTILINE)


class Scope(StrEnum):
    """Whose service manager."""

    USER = "user"
    SYSTEM = "system"


UNITS = {
    Scope.USER: {"unbusy.service": "systemd/user/unbusy.service"},
    Scope.SYSTEM: {"unbusy.service": "systemd/unbusy.service", "unbusy@.service": "systemd/unbusy@.service"},
}
"""The units of each, and where they come from."""


def folder(scope: Scope) -> Path:
    """Where the units belong (systemd.unit(5))."""
    if scope is Scope.SYSTEM:
        return Path("/etc/systemd/system")
    named = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(named) if named.startswith("/") else Path.home() / ".config") / "systemd" / "user"


def unit_text(source: str, command: Path, config: Path | None = None) -> str:
    """A unit, with the command that is installed here; `config`: the file that it is to read, if one was named."""
    started = _quoted(str(command)) + (f" --config {_quoted(str(config))}" if config else "")
    return _COMMAND.sub(lambda _: f"ExecStart={started}", shared(source).read_text(), count=1)


def command_here() -> Path:
    """The command that is running, as a unit can start it; UnbusyError where there is none."""
    named = Path(sys.argv[0])
    for path in (named, Path(sys.executable).with_name("unbusy")):
        if path.name == "unbusy" and path.is_file() and os.access(path, os.X_OK):
            return path.absolute()
    raise UnbusyError("the command `unbusy` is not to be found", "install it with pipx, or `make install-user`")


def write_units(scope: Scope, config: Path | None) -> list[Path]:
    """Write the units; RefusedError for one that is not ours, or a command that the unit could not see.

    `config`: for the user's own; those of the system name theirs.
    """
    command, paths = command_here(), [folder(scope) / name for name in UNITS[scope]]
    if scope is Scope.SYSTEM and any(str(command.resolve()).startswith(home) for home in HOMES):
        raise RefusedError(
            f"a system unit cannot see {command}, which stands in a home",
            "`sudo make install-system` installs it in /opt; or use `unbusy service install --user`",
        )
    for path in paths:
        check_ours(path)
    for path, source in zip(paths, UNITS[scope].values(), strict=True):
        try:
            _put(path, unit_text(source, command, config if scope is Scope.USER else None))
        except OSError as error:
            remedy = "run it as root, or with --user" if scope is Scope.SYSTEM else "check the rights of its folder"
            raise UnbusyError(f"cannot write {path}: {error.strerror}", remedy) from error
    return paths


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text)
    beside.chmod(0o644)
    beside.replace(path)


def check_ours(path: Path) -> None:
    """RefusedError where something else stands there."""
    if path.exists() and OURS not in path.read_text(errors="replace"):
        raise RefusedError(f"{path} is not a unit of unbusy's", "look at it, and move it away")


def ask(scope: Scope, *words: str) -> tuple[bool, str]:
    """What systemctl said, and whether it was done."""
    command = ["systemctl", *(["--user"] if scope is Scope.USER else []), *words]
    try:
        done = subprocess.run(  # noqa: S603  our own words
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except FileNotFoundError:
        return False, "there is no systemctl on this machine"
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, f"systemctl does not answer ({type(error).__name__})"
    return done.returncode == 0, (done.stdout if done.returncode == 0 else done.stderr).strip()


def lingers() -> bool | None:
    """Whether the user's services go on while nobody is logged in; None where nothing tells."""
    user = os.environ.get("USER", "")
    folder = Path("/var/lib/systemd/linger")
    return (folder / user).exists() if user and folder.parent.is_dir() else None


def _quoted(word: str) -> str:
    """As systemd.service(5) reads it in a command line."""
    word = word.replace("%", "%%").replace("$", "$$")
    return word if re.fullmatch(r"[\w%$/.,:@+-]+", word) else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
