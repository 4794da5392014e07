"""Where a secret is kept: the keyring where there is one; else what works on this machine, by the user's choice."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from daemon.cli.session import home
from daemon.cli.setup.asking import one_of
from daemon.cli.talk import Terminal
from daemon.model.errors import RefusedError, UnbusyError
from daemon.system import secrets

CREDENTIALS = Path("/etc/credstore.encrypted")
"""Where systemd looks for encrypted credentials (systemd.exec(5))."""

_FOR_NOW: list[tempfile.TemporaryDirectory[str]] = []
"""Folders of secrets that only the service will have; gone with this process."""


def keep(account: str, secret: str, talk: Terminal, beside: Path) -> Path | None:
    """Keep a secret that was tried.

    The file that the config has to name with `password_command`, in the folder of `beside`; None where it need not.
    """
    try:
        secrets.store(account, secret)
    except RefusedError as error:
        talk.say(f"  {error.what}. There are two other places:")
    else:
        talk.say("  The secret is in the keyring.")
        return None
    file = beside.absolute().with_name(f"{account}.secret")
    talk.say(f"   1  file     {home(file)}, which only you can read")
    talk.say("   2  systemd  an encrypted credential, for a service of the system; root makes it")
    while True:
        try:
            chosen = one_of("file", "systemd")(talk.ask("Where shall it be kept?", default="file"))
        except ValueError as error:
            talk.say(f"  {error}")
            continue
        if chosen == "file":
            put(file, secret)
            talk.say(f"  The secret is in {home(file)}.")
            return file
        _credential(account, secret, talk)
        return None


def put(file: Path, secret: str) -> None:
    """A file of mode 0600, whole, over no link."""
    beside = file.with_name(f".{file.name}.tmp")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w") as out:
            out.write(secret + "\n")
        beside.replace(file)
    except OSError as error:
        raise UnbusyError(f"cannot write {file}: {error.strerror}", "name another place for the config") from error


def _credential(account: str, secret: str, talk: Terminal) -> None:
    """Made at once by root, else told how; and known to this process, which has work to do with it."""
    name = secrets.name_of(account)
    target = CREDENTIALS / name
    command = ["systemd-creds", "encrypt", f"--name={name}", "-", str(target)]
    if os.geteuid() == 0 and talk.agree(f"Write {target} now?", default=True):
        try:
            CREDENTIALS.mkdir(mode=0o700, exist_ok=True)
            subprocess.run(command, input=secret, text=True, capture_output=True, check=True)  # noqa: S603  our words
        except (OSError, subprocess.CalledProcessError) as error:
            raise UnbusyError(f"systemd-creds failed ({type(error).__name__})", "keep it in a file") from error
    else:
        talk.say("  Once this is done:")
        talk.say(f"  unbusy login {account} --print | sudo {' '.join(command)}")
    talk.say(f"  In the unit (`sudo systemctl edit unbusy`): LoadCredentialEncrypted={name}:{target}")
    folder = tempfile.TemporaryDirectory(prefix="unbusy-init-")
    _FOR_NOW.append(folder)
    put(Path(folder.name) / name, secret)
    os.environ["CREDENTIALS_DIRECTORY"] = folder.name
