"""The units: what a service manager says of them, and that they fit together."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parent.parent / "systemd"
SYSTEM, TEMPLATE, USER = SYSTEMD / "unbusy.service", SYSTEMD / "unbusy@.service", SYSTEMD / "user/unbusy.service"
WORKER, PUSH = SYSTEMD / "unbusy-fleet-worker@.service", SYSTEMD / "unbusy-fleet-push.service"
FLEET_UNITS = pytest.mark.parametrize("unit", [WORKER, PUSH], ids=["worker", "push"])
UNITS = pytest.mark.parametrize("unit", [SYSTEM, TEMPLATE, USER], ids=["system", "template", "user"])
SYSTEM_UNITS = pytest.mark.parametrize("unit", [SYSTEM, TEMPLATE], ids=["system", "template"])

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed here")

# systemd.exec(5), systemd 252: what the service manager of a user cannot do, or only with PrivateUsers=yes.
NOT_FOR_USERS = """
DynamicUser User Group SupplementaryGroups RootDirectory RootImage ProtectProc ProcSubset ProtectControlGroups
MountImages ExtensionImages RemoveIPC LogNamespace CapabilityBoundingSet AmbientCapabilities IPAddressAllow
IPAddressDeny IPAccounting SocketBindAllow SocketBindDeny DevicePolicy ProtectSystem ProtectHome ReadWritePaths
ReadOnlyPaths InaccessiblePaths BindPaths TemporaryFileSystem PrivateTmp PrivateDevices PrivateNetwork PrivateMounts
ProtectHostname ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs LoadCredentialEncrypted
"""


def directives(unit: Path) -> list[tuple[str, str]]:
    """Its assignments, without sections and comments."""
    lines = [line for line in unit.read_text().splitlines() if line and line[0] not in "#[;"]
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


def analyze(*args: str, runtime: Path) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"XDG_RUNTIME_DIR": str(runtime), "SYSTEMD_COLORS": "0", "LC_ALL": "C"}
    return subprocess.run([str(ANALYZE), *args], env=environ, capture_output=True, text=True, check=False)


@needs_systemd
@UNITS
def test_the_service_manager_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    installed = tmp_path / unit.name
    command = dict(directives(unit))["ExecStart"].split()[0]
    installed.write_text(unit.read_text().replace(f"ExecStart={command}", f"ExecStart={sys.executable}"))
    scope = "--user" if unit is USER else "--system"
    done = analyze(scope, "verify", str(installed), runtime=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@SYSTEM_UNITS
def test_exposure_is_at_most_1_2(unit: Path, tmp_path: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=12", "--no-pager", str(unit), runtime=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Overall exposure level" in done.stdout


@needs_systemd
@FLEET_UNITS
def test_the_units_of_a_fleet_are_sound_and_as_little_exposed(unit: Path, tmp_path: Path) -> None:
    installed = tmp_path / unit.name.replace("@.", "@1.")
    installed.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", unit.read_text()))
    done = analyze("--system", "verify", str(installed), runtime=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = analyze("security", "--offline=true", "--threshold=12", "--no-pager", str(unit), runtime=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@FLEET_UNITS
def test_a_worker_that_ends_is_started_again_but_not_with_a_wrong_file(unit: Path) -> None:
    """It ends where the database goes away."""
    has = dict(directives(unit))
    assert (has["Restart"], has["RestartPreventExitStatus"], has["StartLimitIntervalSec"]) == ("always", "2", "0")
    assert any(name == "LoadCredentialEncrypted" for name, _ in directives(unit))
    assert not {"Environment", "EnvironmentFile", "PassEnvironment", "SetCredential"} & set(has)


@needs_systemd
def test_what_the_docs_add_to_the_user_unit_is_understood_and_protects_more(tmp_path: Path) -> None:
    (drop_in,) = re.findall(
        r"```ini\n(\[Service\]\nPrivateUsers.*?)```", (SYSTEMD / "README.md").read_text(), re.DOTALL
    )
    installed = tmp_path / USER.name
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", USER.read_text())
    installed.write_text(text.replace("[Install]", f"{drop_in}\n[Install]"))
    done = analyze("--user", "verify", str(installed), runtime=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = analyze("security", "--offline=true", "--threshold=40", "--no-pager", str(installed), runtime=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@UNITS
def test_the_service_manager_waits_for_it_watches_it_and_does_not_retry_a_wrong_config(unit: Path) -> None:
    has = dict(directives(unit))
    assert (has["Type"], has["NotifyAccess"]) == ("notify", "main")
    assert has["WatchdogSec"] == "2min"
    assert (has["Restart"], has["RestartPreventExitStatus"]) == ("on-failure", "2")
    assert has["ExecStart"].endswith(" run")


@UNITS
def test_no_secret_and_no_environment_stands_in_a_unit(unit: Path) -> None:
    names = {name for name, _ in directives(unit)}
    assert not names & {"Environment", "EnvironmentFile", "PassEnvironment", "SetCredential"}


def test_the_template_is_the_system_unit_but_for_whose_it_is() -> None:
    pairs = list(zip(directives(SYSTEM), directives(TEMPLATE), strict=True))
    differ = {name: other for (name, value), (_, other) in pairs if value != other}
    assert [name for (name, _), (same, _) in pairs if name != same] == []
    assert set(differ) == {"Description", "ExecStart", "StateDirectory", "User"}
    assert all("%i" in value for value in differ.values())


def test_the_user_unit_claims_no_protection_that_it_would_not_have() -> None:
    assert not {name for name, _ in directives(USER)} & set(NOT_FOR_USERS.split())


def test_daemon_and_commands_of_a_user_share_one_state() -> None:
    """With $STATE_DIRECTORY the daemon would keep its state elsewhere than `unbusy plan` looks for it."""
    assert "StateDirectory" not in dict(directives(USER))
