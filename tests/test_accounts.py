"""From nothing to a plan on a real server: init, login, check, logout, and what is said without a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers import PASSWORD, Account, Server
from typing_in import ROOT, typed

CONFIG = """\
timezone = "Europe/Warsaw"
state = "{state}"

[accounts.work]
type = "caldav"
url = "{url}"
username = "{user}"
emails = ["ada@example.com"]
write = "Work"
timeout = 20
"""


@pytest.fixture
def account(radicale: Server) -> Account:
    found = radicale.account()
    found.make_calendar("Work")
    found.make_calendar("Private")
    return found


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home of its own, with a keyring that works."""
    return {
        "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHON_KEYRING_BACKEND": "keyrings.Real", "TEST_KEYRING": str(tmp_path / "keyring"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
    }  # fmt: skip


def run(environ: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "daemon", *args]
    return subprocess.run(
        command, env={**os.environ, **environ}, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def configured(tmp_path: Path, account: Account, **changes: str) -> str:
    path = tmp_path / "config.toml"
    facts = {"state": str(tmp_path / "state"), "url": account.url, "user": account.username} | changes
    path.write_text(CONFIG.format(**facts))
    return str(path)


def test_init_writes_over_nothing_without_a_yes(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    code, shown = typed(["--config", str(path), "init"], [("is there already", "n")], environ)
    assert (code, path.read_text()) == (5, "# mine\n"), shown


def test_without_a_terminal_nothing_is_asked(account: Account, environ: dict[str, str], tmp_path: Path) -> None:
    for args in (["init"], ["--config", configured(tmp_path, account), "login", "work"]):
        done = run(environ, *args)
        assert done.returncode == 2
        assert "there is no terminal to ask on" in done.stderr


def test_login_tries_the_password_before_it_stores_it(
    account: Account, environ: dict[str, str], tmp_path: Path
) -> None:
    config = configured(tmp_path, account)
    code, shown = typed(["--config", config, "login", "work"], [("Password", "wrong")], environ)
    assert code == 3, shown
    assert not (tmp_path / "keyring").exists()
    code, shown = typed(["--config", config, "login", "work"], [("Password", PASSWORD)], environ)
    assert code == 0, shown
    assert PASSWORD not in shown
    assert run(environ, "--config", config, "plan").returncode == 0
    assert run(environ, "--config", config, "logout", "work").returncode == 0
    done = run(environ, "--config", config, "plan")
    assert done.returncode == 3
    assert "run `unbusy login work`" in done.stderr


def test_login_prints_the_secret_only_where_that_is_asked_for(
    account: Account, environ: dict[str, str], tmp_path: Path
) -> None:
    config = configured(tmp_path, account)
    code, shown = typed(["--config", config, "login", "--print", "work"], [("Password", PASSWORD)], environ)
    assert code == 0
    assert PASSWORD in shown
    assert not (tmp_path / "keyring").exists()


@pytest.mark.parametrize(
    ("changes", "step", "remedy"),
    [
        ({"url": "https://no-such-host.invalid/"}, "work: find no-such-host.invalid", "check `url` and the network"),
        ({"url": "http://127.0.0.1:1/"}, "work: reach 127.0.0.1:1", "check `url` and the network"),
        ({}, "work: log in", "run `unbusy login work`"),
    ],
)
def test_check_names_the_step_that_fails(
    account: Account, environ: dict[str, str], tmp_path: Path, changes: dict[str, str], step: str, remedy: str
) -> None:
    done = run(environ, "--config", configured(tmp_path, account, **changes), "check", "--json")
    bad = [row for row in json.loads(done.stdout)["steps"] if not row["ok"]]
    assert (bad[0]["step"], bad[0]["remedy"]) == (step, remedy)
    assert done.returncode in (3, 4)


def test_a_command_is_asked_once_a_run(account: Account, environ: dict[str, str], tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    command = ["sh", "-c", f"echo called >> {calls}; echo {PASSWORD}"]
    path = configured(tmp_path, account)
    Path(path).write_text(Path(path).read_text() + f"password_command = {json.dumps(command)}\n")
    done = run(environ, "--config", path, "plan")
    assert (done.returncode, calls.read_text()) == (0, "called\n"), done.stderr


def test_without_a_secret_the_other_accounts_are_served(
    account: Account, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "home" / "Work").mkdir(parents=True)
    local = (
        f'\n[accounts.home]\ntype = "vdir"\npath = "{tmp_path}/home"\nemails = ["ada@example.com"]\nwrite = "Work"\n'
    )
    path = configured(tmp_path, account)
    Path(path).write_text(Path(path).read_text().replace('write = "Work"\n', "") + local)
    done = run(environ, "--config", path, "agenda", "--json")
    assert done.returncode == 3
    assert "run `unbusy login work`" in done.stdout
    assert [row["where"] for row in json.loads(done.stdout)["problems"]] == ["work"]
    rows = json.loads(run(environ, "--config", path, "calendars", "--json").stdout)
    assert [row["id"] for row in rows["calendars"]] == ["home/Work"]


def test_check_without_a_secret_does_not_say_that_it_may_write(
    account: Account, environ: dict[str, str], tmp_path: Path
) -> None:
    path = configured(tmp_path, account)
    without = Path(path).read_text()
    Path(path).write_text(f"{without}password_command = {json.dumps(['echo', account.password])}\n")
    assert "ok   write to work/Work" in run(environ, "--config", path, "check").stdout
    Path(path).write_text(without)
    done = run(environ, "--config", path, "check")
    assert done.returncode == 3
    assert "ok   write to" not in done.stdout
    assert "BAD  write to work/Work" in done.stdout


def test_a_refused_password_is_told_with_its_remedy_and_never_shown(
    account: Account, environ: dict[str, str], tmp_path: Path
) -> None:
    planted = "s3cret-that-nobody-tells"
    path = configured(tmp_path, account)
    command = json.dumps(["sh", "-c", f"echo {planted[:8]}''{planted[8:]}; echo {planted[:8]}''{planted[8:]} >&2"])
    Path(path).write_text(Path(path).read_text() + f"password_command = {command}\n")
    shown = ""
    for args in (["plan"], ["apply", "--yes"], ["calendars"], ["check"], ["agenda"], ["explain", "2026-12-03T10:00"]):
        done = run(environ, "-v", "--config", path, *args)
        assert done.returncode == 3, (args, done.stdout, done.stderr)
        assert "run `unbusy login" in done.stdout + done.stderr
        shown += done.stdout + done.stderr
    shown += "".join(f.read_bytes().decode(errors="replace") for f in (tmp_path / "state").rglob("*") if f.is_file())
    assert planted not in shown


def test_an_unknown_account_is_named(account: Account, environ: dict[str, str], tmp_path: Path) -> None:
    done = run(environ, "--config", configured(tmp_path, account), "login", "wrok")
    assert done.returncode == 2
    assert "there is no account 'wrok' in the config; it has: work" in done.stderr
