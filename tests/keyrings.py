"""Keyrings for the tests, chosen by PYTHON_KEYRING_BACKEND: a real one that lives in a file, and one that is none."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Real(KeyringBackend):
    """As good as any as far as its callers can tell; keeps all in the file that $TEST_KEYRING names."""

    priority = 5  # type: ignore[assignment]  # as backends write it

    @property
    def _file(self) -> Path:
        return Path(os.environ["TEST_KEYRING"])

    def _all(self) -> dict[str, str]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps(self._all() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError(service)
        self._file.write_text(json.dumps(kept))


class PlaintextKeyring(Real):
    """What keyrings.alt chooses silently."""


class Locked(Real):
    """Nobody unlocks it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"{service} {username}")
