"""Where secrets come from: a systemd credential, the keyring, a command.  None is ever written to a file of ours.

All go by the name `unbusy.ACCOUNT`.  A keyring counts only if it is a real one: a backend that keeps passwords in plain
text is refused, since the user would not know.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from daemon.model.errors import NoSecretError, RefusedError, UnbusyError
from daemon.model.options import AccountOptions

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

PATIENCE = 30.0
"""Seconds for the keyring, which may ask the user to unlock it, or the command."""

LARGEST = 2**20
"""Bytes of a credential, as systemd has it."""

T = TypeVar("T")


def name_of(account: str) -> str:
    """The name under which a secret is kept everywhere."""
    return f"unbusy.{account}"


def find(account: str, options: AccountOptions) -> str:
    """The secret of an account; NoSecretError, with what was tried and what to do, when there is none."""
    tried = []
    for place, look in (("systemd credential", _credential), ("keyring", _keyring), ("password_command", _command)):
        found, why = look(account, options)
        if found:
            return found
        tried.append(f"{place}: {why}")
    raise NoSecretError(
        f"there is no secret for the account {account} ({'; '.join(tried)})", f"run `unbusy login {account}`"
    )


def once(account: str, options: AccountOptions) -> Callable[[], str]:
    """A look-up that remembers what it found: every request of a cycle needs it, and a command may take a second."""
    return cache(partial(find, account, options))


def places(account: str, options: AccountOptions) -> Iterator[str]:
    """Every place that has a secret of an account; a command is not asked."""
    if _credential(account, options)[0]:
        yield f"the systemd credential {name_of(account)}"
    if _keyring(account, options)[0]:
        yield "the keyring"
    if getattr(options, "password_command", ()):
        yield "`password_command` in the config"


def store(account: str, secret: str) -> None:
    """Keep a secret in the keyring; RefusedError, with the alternatives, where there is no real one."""
    backend, why = _backend()
    if backend is None:
        raise RefusedError(
            f"there is no keyring to keep the secret in: {why}",
            f"`unbusy login {account} --print | systemd-creds encrypt --name={name_of(account)} - FILE` makes a systemd"
            " credential; or name a password manager with `password_command` in the config",
        )
    _within("store it in the keyring", lambda: backend.set_password(name_of(account), account, secret))


def forget(account: str) -> bool:
    """Take a secret out of the keyring; whether it was there."""
    backend, _ = _backend()
    if backend is None or not _within("look into the keyring", lambda: _get(backend, account)):
        return False
    _within("delete it from the keyring", lambda: backend.delete_password(name_of(account), account))
    return True


# -- places: what was found, or '' and why not ------------------------------------------------------------------------


def _credential(account: str, _options: AccountOptions) -> tuple[str, str]:
    """Read at each use: systemd may renew it (systemd.exec(5), CREDENTIALS)."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return "", "not run by systemd with credentials"
    try:
        with (Path(folder) / name_of(account)).open("rb") as file:
            return _text(file.read(LARGEST))
    except FileNotFoundError:
        return "", f"{name_of(account)} is not among them"
    except OSError as error:
        return "", f"cannot be read ({error.strerror})"


def _keyring(account: str, _options: AccountOptions) -> tuple[str, str]:
    backend, why = _backend()
    if backend is None:
        return "", why
    try:
        return _within("look into the keyring", lambda: _get(backend, account)), "it has none"
    except UnbusyError as error:
        return "", error.what


def _command(_account: str, options: AccountOptions) -> tuple[str, str]:
    """What a command prints, its first line; what it says on standard error may hold a secret and is not repeated."""
    import subprocess  # noqa: PLC0415 few accounts have one

    command = getattr(options, "password_command", ())
    if not command:
        return "", "not set"
    try:
        done = subprocess.run(  # noqa: S603  the user's own command, without a shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except FileNotFoundError:
        return "", f"there is no program {command[0]!r}"
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return "", "it took too long" if isinstance(error, subprocess.TimeoutExpired) else "it cannot be run"
    if done.returncode:
        return "", f"it failed with exit code {done.returncode}"
    return _text(done.stdout.partition(b"\n")[0]) if not done.stdout.startswith(b"{") else _text(done.stdout)


def _text(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode().rstrip("\r\n"), "it is empty"
    except UnicodeDecodeError:
        return "", "it is not in UTF-8"


# -- the keyring ------------------------------------------------------------------------------------------------------


def _backend() -> tuple[KeyringBackend | None, str]:
    """The user's keyring, or None and why there is no real one."""
    try:
        import keyring  # noqa: PLC0415  takes a while to load, and local accounts do without

        found = _within("look for a keyring", keyring.get_keyring)
        found = next(iter(getattr(found, "backends", ())), found)  # of a chain only the best: others may be plain text
        priority = float(found.priority)
    except Exception as error:  # noqa: BLE001  a backend is anybody's code; without it there are other places
        return None, error.what if isinstance(error, UnbusyError) else f"it does not work ({type(error).__name__})"
    kind = f"{type(found).__module__}.{type(found).__name__}"
    if kind.startswith("keyrings.alt") or "plaintext" in kind.lower():
        return None, f"{kind} keeps passwords in plain text"
    if priority < 1:
        return None, "there is none on this machine"
    return found, ""


def _get(backend: KeyringBackend, account: str) -> str:
    return backend.get_password(name_of(account), account) or ""


def _within(what: str, do: Callable[[], T]) -> T:
    """The outcome of `do` within the time limit; RefusedError when it takes longer or fails."""
    done: list[T] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            done.append(do())
        except Exception as error:  # noqa: BLE001  as above
            failed.append(error)

    worker = Thread(target=work, daemon=True)
    worker.start()
    worker.join(PATIENCE)
    if done:
        return done[0]
    why = type(failed[0]).__name__ if failed else "it does not answer; is it locked?"
    raise RefusedError(f"cannot {what} ({why})", "unlock it, and try again")
