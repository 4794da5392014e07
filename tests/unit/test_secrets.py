"""Secrets are found in their order, stored in real keyrings only, and never told."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import keyring
import pytest
from keyring.backends.chainer import ChainerBackend

import keyrings
from daemon.model.errors import RefusedError
from daemon.model.options import RemoteOptions
from daemon.system import secrets

PLANTED = "s3cret-that-nobody-tells"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring"))
    choose(monkeypatch, keyring.backends.fail.Keyring())


def choose(monkeypatch: pytest.MonkeyPatch, backend: object) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", backend)


def options(*command: str) -> RemoteOptions:
    return RemoteOptions(password_command=command)


def printing(text: str, *, code: int = 0, error: str = "") -> tuple[str, ...]:
    program = f"import sys; sys.stdout.write({text!r}); sys.stderr.write({error!r}); sys.exit({code})"
    return (sys.executable, "-c", program)


def credential(monkeypatch: pytest.MonkeyPatch, folder: Path, content: bytes, name: str = "unbusy.work") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))


def test_the_order_is_credential_keyring_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = options(*printing("from the command\nmore\n"))
    assert secrets.find("work", command) == "from the command"
    choose(monkeypatch, keyrings.Real())
    secrets.store("work", "from the keyring")
    assert secrets.find("work", command) == "from the keyring"
    credential(monkeypatch, tmp_path / "credentials", b"from systemd\n")
    assert secrets.find("work", command) == "from systemd"
    assert list(secrets.places("work", command)) == [
        "the systemd credential unbusy.work", "the keyring", "`password_command` in the config",
    ]  # fmt: skip


def test_a_credential_is_read_at_each_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for text in (b"one", b"two"):
        credential(monkeypatch, tmp_path / "credentials", text)
        assert secrets.find("work", options()) == text.decode()


def test_a_json_secret_may_have_many_lines() -> None:
    assert secrets.find("work", options(*printing('{\n"a": 1\n}\n'))) == '{\n"a": 1\n}'


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ((), "password_command: not set"),
        (("no-such-program-anywhere",), "there is no program 'no-such-program-anywhere'"),
        (printing("", code=3, error=PLANTED), "it failed with exit code 3"),
        (printing(""), "it is empty"),
    ],
)
def test_where_there_is_none_it_says_what_was_tried(command: tuple[str, ...], why: str) -> None:
    with pytest.raises(RefusedError) as error:
        secrets.find("work", options(*command))
    assert why in error.value.what
    assert "keyring: there is none on this machine" in error.value.what
    assert "systemd credential: not run by systemd with credentials" in error.value.what
    assert error.value.remedy == "run `unbusy login work`"
    assert PLANTED not in error.value.what


def test_what_is_not_text_is_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    credential(monkeypatch, tmp_path / "credentials", b"\xff\xfe")
    with pytest.raises(RefusedError, match="systemd credential: it is not in UTF-8"):
        secrets.find("work", options())


def test_another_accounts_credential_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    credential(monkeypatch, tmp_path / "credentials", b"x", "unbusy.home")
    with pytest.raises(RefusedError, match=r"unbusy\.work is not among them"):
        secrets.find("work", options())


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (keyrings.PlaintextKeyring(), "keeps passwords in plain text"),
        (keyring.backends.fail.Keyring(), "there is none on this machine"),
    ],
)
def test_no_keyring_but_a_real_one_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backend: object, why: str
) -> None:
    choose(monkeypatch, backend)
    with pytest.raises(RefusedError, match=why) as error:
        secrets.store("work", PLANTED)
    assert "systemd-creds encrypt --name=unbusy.work" in error.value.remedy
    assert "password_command" in error.value.remedy
    assert PLANTED not in str(error.value) + error.value.remedy
    assert not (tmp_path / "keyring").exists()
    assert not secrets.forget("work")


@pytest.mark.parametrize("best", [keyrings.Real, keyrings.PlaintextKeyring])
def test_of_a_chain_of_keyrings_only_the_best_is_asked(monkeypatch: pytest.MonkeyPatch, best: type) -> None:
    """keyring chains all that it finds as soon as there are two, those in plain text among them."""

    class Behind(keyrings.Real):
        def get_password(self, service: str, username: str) -> str | None:
            return PLANTED

    chain = ChainerBackend()
    monkeypatch.setattr(type(chain), "backends", [best(), Behind()])
    choose(monkeypatch, chain)
    with pytest.raises(RefusedError) as error:
        secrets.find("work", options())
    assert ("plain text" in error.value.what) == (best is keyrings.PlaintextKeyring)


def test_a_secret_is_looked_up_once_and_again_only_where_there_was_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    look = secrets.once("work", options())
    with pytest.raises(RefusedError):
        look()
    credential(monkeypatch, tmp_path / "credentials", b"one")
    assert look() == "one"
    credential(monkeypatch, tmp_path / "credentials", b"two")
    assert (look(), secrets.once("work", options())()) == ("one", "two")


def test_a_locked_keyring_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, keyrings.Locked())
    with pytest.raises(RefusedError, match=r"cannot look into the keyring \(KeyringLocked\)"):
        secrets.find("work", options())


def test_a_keyring_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(keyrings.Real):
        def get_password(self, service: str, username: str) -> str | None:
            self.asked.wait()
            return None

    silent = Silent()
    silent.asked = Event()  # type: ignore[attr-defined]
    choose(monkeypatch, silent)
    monkeypatch.setattr(secrets, "PATIENCE", 0.05)
    with pytest.raises(RefusedError, match="is it locked"):
        secrets.find("work", options())
    silent.asked.set()  # type: ignore[attr-defined]


def test_what_is_forgotten_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, keyrings.Real())
    secrets.store("work", PLANTED)
    assert secrets.forget("work")
    assert not secrets.forget("work")
    with pytest.raises(RefusedError):
        secrets.find("work", options())


@pytest.mark.skipif(not shutil.which("systemd-creds"), reason="systemd-creds is not installed")
def test_a_credential_that_systemd_decrypts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    names = ["--name=unbusy.work"]
    made = subprocess.run(
        ["systemd-creds", "encrypt", "--with-key=host", *names, "-", sealed],
        input=PLANTED.encode(), capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"this machine has no key for credentials: {made.stderr.decode()[:100]}")
    opened = subprocess.run(["systemd-creds", "decrypt", *names, sealed, "-"], capture_output=True, check=True)
    credential(monkeypatch, tmp_path / "credentials", opened.stdout)
    assert secrets.find("work", options()) == PLANTED
