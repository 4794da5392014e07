"""A machine of its own for units: systemd as process 1, in private namespaces, with a user whose manager runs, too.

    with booted(tmp_path) as machine:
        machine.run("systemctl", "start", "unbusy")

Its root is made here, in memory: system and program are bound into it read-only, and all that a unit or systemd could
write (/etc, /home, /opt, /root, /run, /tmp, /usr/local/bin, /var) is new and empty.  The machine that it runs on is
unmounted before systemd starts, so that nothing in there reaches it, and the rights to set its clock, to load modules
and to reboot are given up.  The network alone is shared, for the servers of tests.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parent.parent
SYSTEMD = Path("/lib/systemd/systemd")
NEEDED = ("unshare", "nsenter", "setpriv", "mknod", "pivot_root", "systemctl", "systemd-creds")
LONGEST = 60  # seconds, on a slow machine
USER = 1000

PROGRAM = """\
#!/opt/python/bin/{python} -B
import sys
sys.path[:0] = ["/opt/project", "/opt/packages"]
from daemon.cli import main
sys.exit(main())
"""

TARGET = """\
[Unit]
Description=what a test needs
DefaultDependencies=no
Requires=systemd-journald.service
After=systemd-journald.service
"""

MANAGER = f"""\
[Unit]
Description=the manager of a user
[Service]
Type=notify
User={USER}
Delegate=yes
KillMode=mixed
Environment=XDG_RUNTIME_DIR=/run/user/{USER} HOME=/home/ada PATH=/usr/bin:/bin
ExecStart=/lib/systemd/systemd --user --unit=basic.target
TimeoutStopSec=20
"""

MAKE = r"""
set -eu
root=$1 python=$2 packages=$3 project=$4
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir -p usr etc/systemd/system var/lib var/tmp tmp root home/ada run proc sys dev old
mkdir -p opt/python opt/packages opt/project opt/unbusy/bin
bound() { mount --bind "$1" "$2"; mount -o remount,bind,ro,nosuid "$2"; }
bound /usr usr
for name in bin sbin lib lib64; do
  if [ -L /$name ]; then cp -P /$name $name; elif [ -d /$name ]; then mkdir $name; bound /$name $name; fi
done
bound "$python" opt/python
bound "$packages" opt/packages
bound "$project" opt/project
for name in alternatives nsswitch.conf ld.so.conf ld.so.conf.d localtime hosts ssl; do
  [ ! -e /etc/$name ] || cp -RP /etc/$name etc/
done
{
  echo root:x:0:0::/root:/bin/sh
  echo ada:x:$6:$6::/home/ada:/bin/sh
  echo nobody:x:65534:65534::/:/bin/false
} > etc/passwd
printf 'root:x:0:\nada:x:%s:\nnogroup:x:65534:\n' $6 > etc/group
printf '%s\n' "$5" > etc/machine-id
printf '%s' "$7" > etc/systemd/system/test.target
printf '%s' "$8" > etc/systemd/system/ada.service
ln -s /run var/run
: > etc/fstab
mount -t tmpfs -o mode=755 tmpfs usr/local/bin
chmod 1777 tmp var/tmp
chmod 700 root home/ada
chown $6:$6 home/ada
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p run/user/$6 run/systemd/unit-root  # which systemd makes with its first service
chmod 700 run/user/$6
chown $6:$6 run/user/$6
mount -t proc proc proc
for name in sys sysrq-trigger; do
  [ ! -e proc/$name ] || { mount --bind proc/$name proc/$name; mount -o remount,bind,ro proc/$name; }
done
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 dev/${device%:*} c 1 ${device#*:}; done
ln -s /proc/self/fd dev/fd
mknod -m 666 dev/tty c 5 0
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
pivot_root . old
umount -l /old
rmdir /old
cd /
mount --make-rshared /
for unit in tmpfiles-setup tmpfiles-setup-dev sysusers sysctl modules-load udevd udev-trigger hwdb-update binfmt \
  journal-flush update-utmp remount-fs firstboot; do
  ln -s /dev/null etc/systemd/system/systemd-$unit.service
done
for unit in systemd-tmpfiles-clean.timer dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount; do
  ln -s /dev/null etc/systemd/system/$unit
done
exec setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-sys_rawio env -i PATH=/usr/sbin:/usr/bin container=test \
  /lib/systemd/systemd --system --unit=test.target --show-status=no --log-target=journal
"""


def why_not() -> str:
    """What is missing for such a machine; '' for nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root can make a machine of its own"
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        return f"{missing[0]} is not installed here"
    if not SYSTEMD.exists():
        return "systemd is not installed here"
    return "" if _cgroups() else "there is no writable cgroup2"


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that has started.  `pid`: of its first process, as seen from here."""

    pid: int

    def run(
        self, *command: str, stdin: str = "", user: int = 0, **environ: str
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """A command in there, as root or as the user; whatever comes of it is returned."""
        home = "/home/ada" if user else "/root"
        base = {"PATH": "/usr/sbin:/usr/bin", "HOME": home, "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": f"/run/user/{user}"}
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--") if user else ()
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", "-m", "-p", "-u", "-i", "-C", "-r", "-w", "env", "-i",
             *(f"{name}={value}" for name, value in (base | environ).items()), *become, *command],
            input=stdin, capture_output=True, text=True, check=False, timeout=LONGEST,
        )  # fmt: skip

    def done(self, *command: str, stdin: str = "", user: int = 0, **environ: str) -> str:
        """What a command says that succeeds."""
        found = self.run(*command, stdin=stdin, user=user, **environ)
        assert found.returncode == 0, f"{command}: {found.stdout}{found.stderr}"
        return found.stdout

    def put(self, path: str, text: str, mode: str = "644", user: int = 0) -> None:
        """A file in there."""
        self.done(
            "sh", "-c", f'mkdir -p "${{1%/*}}" && cat > "$1" && chmod {mode} "$1"', "sh", path, stdin=text, user=user
        )

    def shown(self, unit: str, *names: str, user: int = 0) -> list[str]:
        """Properties of a unit."""
        scope = ("--user",) if user else ()
        said = self.done("systemctl", *scope, "show", unit, *(f"--property={name}" for name in names), user=user)
        facts = dict(line.split("=", 1) for line in said.splitlines())
        return [facts[name] for name in names]

    def wait(self, unit: str, name: str, wanted: str, user: int = 0) -> str:
        """A property, once the expression `wanted` is found in it."""
        found, until = "", monotonic() + LONGEST
        while monotonic() < until:
            (found,) = self.shown(unit, name, user=user)
            if re.search(wanted, found):
                return found
            sleep(0.1)
        raise AssertionError(f"{unit}: {name} is {found!r}, not {wanted!r}:\n{self.log(unit)}")

    def log(self, unit: str) -> str:
        """What a unit and the manager have said of it."""
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """Boot; at the end all its processes are gone, and with them all that they have written."""
    root, packages = folder / "root", next(Path(p) for p in sys.path if (Path(p) / "apscheduler").is_dir())
    root.mkdir()
    group = _cgroups() / f"unbusy-test-{os.getpid()}"  # type: ignore[operator]  # why_not has looked
    group.mkdir()
    names = [str(root), sys.base_prefix, str(packages), str(ROOT), os.urandom(16).hex(), str(USER), TARGET, MANAGER]
    script = f'echo $$ > "{group}/cgroup.procs"; exec unshare --cgroup --mount --pid --fork --kill-child --uts --ipc \
        sh -c "$0" sh "$@"'
    with (folder / "boot.log").open("w") as log:
        outer = subprocess.Popen(["sh", "-c", script, MAKE, *names], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            machine = Machine(_first(outer, folder / "boot.log"))
            _furnish(machine)
            yield machine
        finally:
            outer.send_signal(signal.SIGKILL)  # and the kernel ends all that is in the namespace
            outer.wait()
            _emptied(group)


def _cgroups() -> Path | None:
    """Where cgroup2 is mounted, and may be written to."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    found = next((Path(words[1]) for words in mounts if words[2] == "cgroup2"), None)
    return found if found and os.access(found, os.W_OK) else None


def _first(outer: subprocess.Popen[bytes], log: Path) -> int:
    """The process 1, once it is systemd and answers."""
    until = monotonic() + LONGEST
    while monotonic() < until and outer.poll() is None:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        for child in children:
            with suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    asked = Machine(int(child)).run("systemctl", "is-system-running", "--wait")
                    if asked.stdout.strip() in ("running", "degraded"):
                        return int(child)
        sleep(0.05)
    raise AssertionError(f"it does not boot: {log.read_text()}")


def _furnish(machine: Machine) -> None:
    """The program."""
    machine.put("/opt/unbusy/bin/unbusy", PROGRAM.format(python=Path(sys.executable).resolve().name), "755")
    machine.done("chmod", "755", "/opt/unbusy", "/opt/unbusy/bin")
    machine.put("/etc/ld.so.conf.d/0.conf", "/opt/python/lib\n")  # its own libpython, where it has one
    machine.done("ldconfig")


def _emptied(group: Path) -> None:
    """The kernel lets a cgroup go once its last process is."""
    until = monotonic() + LONGEST
    while group.exists() and monotonic() < until:
        for folder in (*sorted(group.rglob("*/"), reverse=True), group):
            with suppress(OSError):
                folder.rmdir()
        sleep(0.05)
