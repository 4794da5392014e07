"""The units under a real systemd, on a machine of its own (booted.py): what the documentation says, done there.

As the README of systemd/ has it: installed by `unbusy service`, the secret as an encrypted credential, started,
reloaded, hung, stopped.  The server is Radicale, behind a proxy that hangs when it is told to.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from time import monotonic

import pytest

from booted import ROOT, USER, Machine, booted, why_not
from living import EVENT
from making import ME
from proxy import FAULTS, Proxy, proxied
from servers import PASSWORD, Account, Calendar, Server

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it runs")

UNBUSY = "/opt/unbusy/bin/unbusy"
CONFIG = "/etc/unbusy/config.toml"
SEALED = "/etc/credstore.encrypted/unbusy.work"
AT = {"start": datetime(2026, 11, 23, 9), "end": datetime(2026, 11, 23, 10)}
DYNAMIC = range(61184, 65520)
"""Users that systemd makes (systemd.io/UIDS-GIDS)."""

TEXT = """\
timezone = "Europe/Warsaw"
state = "/var/lib/unbusy"
title_prefix = "{prefix}"
[accounts.work]
type = "caldav"
url = "{url}"
username = "{user}"
timeout = 60
emails = ["{me}"]
write = "Work"
[policies]
breaks.enabled = false
overload.enabled = false
reflection.enabled = false
"""

PROBE = """\
import ctypes, errno, json, mmap, os, pathlib, socket

def refused(attempt):
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

libc = ctypes.CDLL(None, use_errno=True)

def unshare():
    if libc.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "")

def link_local():
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.sendto(b"x", ("169.254.169.254", 80))

print("PROBED " + json.dumps({
    "write to the config": refused(lambda: pathlib.Path("/etc/unbusy/x").write_text("")),
    "write to the program": refused(lambda: pathlib.Path("/opt/unbusy/x").write_text("")),
    "look into a home": refused(lambda: os.listdir("/home/ada")),
    "look into the home of root": refused(lambda: os.listdir("/root")),
    "memory to write and run": refused(lambda: mmap.mmap(-1, 4096, prot=7)),
    "a raw socket": refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
    "a netlink socket": refused(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "a user namespace": refused(unshare),
    "the metadata of a cloud": refused(link_local),
    "write to its state": refused(lambda: pathlib.Path("/var/lib/unbusy/probe").write_text("")),
    "processes": sum(name.isdigit() for name in os.listdir("/proc")) == 1,
    "secret": (pathlib.Path(os.environ["CREDENTIALS_DIRECTORY"]) / "unbusy.work").stat().st_mode & 0o777,
}))
"""


def hardened() -> str:
    """What the documentation adds to the unit of a user."""
    (text,) = re.findall(
        r"```ini\n(\[Service\]\nPrivateUsers.*?)```", (ROOT / "systemd/README.md").read_text(), re.DOTALL
    )
    return str(text)


class Site:
    """A server that the machine is set up for, as an administrator does it."""

    def __init__(self, machine: Machine, account: Account, proxy: Proxy, work: Calendar) -> None:
        self.machine, self.account, self.proxy, self.work = machine, account, proxy, work

    def configure(self, prefix: str = "", text: str = TEXT, path: str = CONFIG) -> None:
        url = self.account.url.replace(self.account.client.origin, self.proxy.origin)
        self.machine.put(path, text.format(prefix=prefix, url=url, user=self.account.username, me=ME))

    def titles(self) -> set[str]:
        ours = [self.work.get(name).decode() for name in self.work.names() if name.startswith("unbusy-")]
        return {title for text in ours for title in re.findall(r"^SUMMARY:(.*?)\r?$", text, re.MULTILINE)}

    def status(self) -> tuple[int, str]:
        said = self.machine.run(UNBUSY, "--config", CONFIG, "status")
        return said.returncode, said.stdout.partition("\n")[0]

    def cycled(self, wanted: str) -> str:
        return self.machine.wait("unbusy", "StatusText", wanted)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, radicale: Server) -> Iterator[Site]:
    with booted(tmp_path_factory.mktemp("machine")) as machine, proxied(radicale.origin) as proxy:
        account = radicale.account()
        made = Site(machine, account, proxy, account.make_calendar("Work"))
        made.configure()
        machine.done(UNBUSY, "service", "install", "--system", "--no-start")
        machine.done("mkdir", "-m", "700", "/etc/credstore.encrypted")
        machine.done("systemd-creds", "encrypt", "--with-key=host", "--name=unbusy.work", "-", SEALED, stdin=PASSWORD)
        drop_in = f"[Service]\nLoadCredentialEncrypted=unbusy.work:{SEALED}\nRestartSec=100ms\n"
        for name in ("unbusy.service.d", "unbusy@.service.d"):
            machine.put(f"/etc/systemd/system/{name}/override.conf", drop_in)
        machine.done("systemctl", "daemon-reload")
        yield made


@pytest.fixture
def running(site: Site) -> Iterator[Site]:
    """Confirmed by an `apply` of the administrator, who has the same credential; started, and well."""
    site.configure()
    site.machine.put("/run/secret/unbusy.work", PASSWORD, "600")
    site.machine.done(UNBUSY, "--config", CONFIG, "apply", "--yes", "--force", CREDENTIALS_DIRECTORY="/run/secret")
    site.machine.done("systemctl", "start", "unbusy")
    site.cycled("written")
    yield site
    site.proxy.heal()
    site.machine.run("systemctl", "stop", "unbusy")
    site.machine.run("systemctl", "reset-failed", "unbusy")


long = pytest.mark.skipif(not os.environ.get("UNBUSY_TORTURE"), reason="takes a minute; `make torture`")


def test_it_is_ready_once_it_can_work_under_a_user_of_its_own(running: Site) -> None:
    state, kind, pid, restarts = running.machine.shown("unbusy", "ActiveState", "Type", "MainPID", "NRestarts")
    assert (state, kind, restarts) == ("active", "notify", "0")
    assert int(running.machine.done("stat", "-c", "%u", f"/proc/{pid}")) in DYNAMIC
    assert running.machine.done("stat", "-c", "%a %u", "/var/lib/private/unbusy/ledger.sqlite").split()[0] == "600"
    assert running.titles()
    assert PASSWORD.encode() not in running.machine.done("cat", f"/proc/{pid}/environ").encode()
    assert PASSWORD not in running.machine.log("unbusy")
    code, line = running.status()
    assert (code, line.startswith("healthy")) == (0, True), line


@long
def test_a_reload_takes_up_the_config_and_one_that_is_wrong_leaves_that_of_before(running: Site) -> None:
    running.configure("[u] ")
    running.machine.done("systemctl", "reload", "unbusy")
    running.cycled("[1-9][0-9]* written")
    until = monotonic() + 60
    while not all(title.startswith("[u] ") for title in running.titles()) and monotonic() < until:
        pass
    assert all(title.startswith("[u] ") for title in running.titles())
    running.configure(text="interval = 'soon'")
    running.machine.done("systemctl", "reload", "unbusy")
    running.cycled("problems")
    running.configure("[u] ")
    assert running.machine.shown("unbusy", "ActiveState", "NRestarts") == ["active", "0"]
    code, line = running.status()
    assert (code, "the config of before stays in force" in line) == (3, True), line
    assert running.machine.log("unbusy").count("the config of before stays in force") == 1
    running.machine.done("systemctl", "reload", "unbusy")
    running.cycled("written")
    assert running.status()[0] == 0


@long
def test_one_that_hangs_is_ended_by_the_watchdog_and_started_again(running: Site) -> None:
    machine = running.machine
    machine.put("/run/systemd/system/unbusy.service.d/fast.conf", "[Service]\nWatchdogSec=2\n")
    machine.done("systemctl", "daemon-reload")
    machine.done("systemctl", "restart", "unbusy")
    running.cycled("written")
    (pid,) = machine.shown("unbusy", "MainPID")
    machine.done("kill", "-STOP", pid)
    machine.wait("unbusy", "NRestarts", "1")
    machine.wait("unbusy", "ActiveState", "active")
    log = machine.log("unbusy")
    assert "Watchdog timeout (limit 2s)!" in log
    assert "Fatal Python error: Aborted" in log  # with the line at which it hung
    running.cycled("written")
    assert running.status()[0] == 0
    machine.done("rm", "/run/systemd/system/unbusy.service.d/fast.conf")
    machine.done("systemctl", "daemon-reload")


@long
def test_asked_to_stop_it_ends_within_ten_seconds_whatever_a_server_does(running: Site) -> None:
    running.proxy.fail(FAULTS["hang"], until=10_000)
    before = len(running.proxy.seen)
    running.machine.done("systemctl", "reload", "unbusy")
    until = monotonic() + 60
    while len(running.proxy.seen) == before and monotonic() < until:
        pass
    begun = monotonic()
    running.machine.done("systemctl", "stop", "unbusy")
    assert monotonic() - begun < 12  # ten, and what a busy machine takes to notice
    assert running.machine.shown("unbusy", "ActiveState", "Result") == ["inactive", "success"]


@long
def test_a_wrong_config_is_told_and_not_tried_again(site: Site) -> None:
    site.configure(text="interval = 'soon'")
    started = site.machine.run("systemctl", "start", "unbusy")
    assert started.returncode == 1
    found = site.machine.shown("unbusy", "ActiveState", "Result", "ExecMainStatus", "NRestarts")
    assert found == ["failed", "exit-code", "2", "0"]
    assert "interval" in site.machine.log("unbusy")
    site.machine.done("systemctl", "reset-failed", "unbusy")


@long
def test_what_dies_again_and_again_is_left_after_five_starts(running: Site) -> None:
    kills = 0
    while running.machine.shown("unbusy", "ActiveState") == ["active"]:
        kills += 1
        running.machine.run("kill", "-KILL", *running.machine.shown("unbusy", "MainPID"))
        running.machine.wait("unbusy", "ActiveState", "active|failed")
        running.machine.wait("unbusy", "SubState", "running|failed")
    assert (kills, running.machine.shown("unbusy", "ActiveState")) == (5, ["failed"])
    assert "Start request repeated too quickly" in running.machine.log("unbusy")


@long
def test_what_it_never_asks_for_it_cannot_do(site: Site) -> None:
    """Each in a process under the unit's own lines."""
    unit = site.machine.done("cat", "/etc/systemd/system/unbusy.service")
    unit = re.sub(r"(?m)^(Type|NotifyAccess|ExecReload|WatchdogSec|Restart\w*)=.*\n", "", unit)
    unit = re.sub(r"(?m)^ExecStart=.*", "Type=oneshot\nExecStart=/opt/python/bin/python3 /opt/probe.py", unit)
    site.machine.put("/opt/probe.py", PROBE)
    credential = f"[Service]\nLoadCredentialEncrypted=unbusy.work:{SEALED}"
    site.machine.put("/etc/systemd/system/probe.service", unit.replace("[Service]", credential))
    site.machine.done("systemctl", "daemon-reload")
    assert site.machine.run("systemctl", "start", "probe").returncode == 0, site.machine.log("probe")
    (told,) = re.findall(r"^PROBED (.*)$", site.machine.log("probe"), re.MULTILINE)
    assert json.loads(told) == {
        "write to the config": "EROFS", "write to the program": "EROFS", "look into a home": "EACCES",
        "look into the home of root": "EACCES", "memory to write and run": "EPERM", "a raw socket": "EPERM",
        "a netlink socket": "EAFNOSUPPORT", "a user namespace": "EPERM",
        "the metadata of a cloud": "EPERM", "write to its state": "done", "processes": True, "secret": 0o400,
    }  # fmt: skip


@long
def test_several_people_each_have_a_state_of_their_own(running: Site) -> None:
    text = TEXT.replace("/var/lib/unbusy", "/var/lib/unbusy-ada")
    running.configure(text=text, path="/etc/unbusy/ada.toml")
    running.machine.done("systemctl", "start", "unbusy@ada")
    running.machine.wait("unbusy@ada", "StatusText", "occurrences read")
    assert running.machine.shown("unbusy", "ActiveState") == ["active"]
    owners = running.machine.done("stat", "-c", "%u", "/var/lib/private/unbusy", "/var/lib/private/unbusy-ada").split()
    assert len(set(owners)) == 2
    running.machine.done("systemctl", "stop", "unbusy@ada")


@long
def test_the_service_of_a_user_without_rights(site: Site) -> None:
    machine, folder = site.machine, "/home/ada/.calendars/Work"
    machine.done("systemctl", "start", "ada")
    config = 'timezone = "Europe/Warsaw"\n[accounts.work]\ntype = "vdir"\npath = "~/.calendars"\nwrite = "Work"\n'
    for path, text in (
        ("/home/ada/.config/unbusy/config.toml", f'{config}emails = ["{ME}"]\n'),
        (f"{folder}/a.ics", EVENT.format(uid="a", title="Staff", more="", **AT)),
    ):
        machine.done("mkdir", "-p", path.rpartition("/")[0], user=USER)
        machine.done("sh", "-c", 'cat > "$1"', "sh", path, stdin=text, user=USER)
    machine.done(UNBUSY, "apply", "--yes", user=USER)
    machine.done(UNBUSY, "service", "install", user=USER)
    machine.wait("unbusy", "StatusText", "written", user=USER)
    said = machine.done(UNBUSY, "service", "status", user=USER)
    assert "active (running)" in said
    assert "enabled" in said
    assert machine.run(UNBUSY, "status", user=USER).returncode == 0
    more, name = hardened(), "/home/ada/.config/systemd/user/unbusy.service.d/more.conf"
    machine.done("sh", "-c", 'mkdir -p "${1%/*}"; cat > "$1"', "sh", name, stdin=more, user=USER)
    machine.done("systemctl", "--user", "daemon-reload", user=USER)
    machine.done("systemctl", "--user", "restart", "unbusy", user=USER)
    machine.wait("unbusy", "StatusText", "written", user=USER)
    standing = machine.done("ls", folder).split()
    assert len(standing) > 1
    machine.done(UNBUSY, "service", "uninstall", user=USER)
    assert machine.run(UNBUSY, "service", "status", user=USER).returncode == 3
    assert machine.done("ls", folder).split() == standing
