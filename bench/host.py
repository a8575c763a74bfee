# SPDX-License-Identifier: Apache-2.0
"""A host inside the host: where the benchmark runs, so that it neither disturbs the machine nor leaves anything on it.

Mount, network, IPC and PID namespaces of its own: the bridges and firewall rules of both engines are in no one's way, podman's
default state is hidden behind empty file systems, and whatever a failing step leaves ends with the PID namespace. That also
keeps a runtime that kills every process it can (crun 1.28 does, when a restore fails at the wrong moment) from those outside.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

PRIVATE_BIN = pathlib.Path(os.environ.get("FLOE_PRIVATE_PREFIX", "/usr/local/lib/floe"), "bin")
HIDDEN = ["/dev/shm", "/run/netns", "/run/containers", "/run/runc", "/run/crun", "/var/lib/containers",
          "/etc/containers/networks"]
CGROUPS = pathlib.Path("/sys/fs/cgroup")
HUGETLB = CGROUPS / "hugetlb"
CGROUP_PARENT = "/floe-bench"  # of what can be told where to put its containers


def run_inside(arguments):
    """Run this program again in the inner host; returns its exit status when all is cleaned up."""
    made = [path for path in HIDDEN if make_directory(path)]
    # Not /tmp, which may be a tmpfs: both engines' stores shall be on a disk, where they are in real life.
    work = tempfile.mkdtemp(prefix="floe-bench.", dir="/var/tmp")
    command = ["unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc",
               sys.executable, *arguments, "--inside", work]
    with subprocess.Popen(command) as inner:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: end(inner.pid))
        status = inner.wait()
    shutil.rmtree(work, ignore_errors=True)
    for path in made:
        remove_directory(path)
    remove_cgroups(CGROUP_PARENT)
    remove_directory(HUGETLB)
    return status if status >= 0 else 128 - status


def end(unshare_pid):
    """Let the inner program clean up: it is unshare's child, and unshare itself heeds no signal."""
    for pid in pathlib.Path(f"/proc/{unshare_pid}/task/{unshare_pid}/children").read_text().split():
        os.kill(int(pid), signal.SIGTERM)


def make_directory(path):
    """True if it was not there."""
    try:
        os.mkdir(path, 0o755)
    except OSError:
        return False
    return True


def remove_directory(path):
    try:
        os.rmdir(path)
    except OSError:
        pass


def remove_cgroups(parent):
    """A path below each hierarchy's root, from the leaves up, as far as they are empty."""
    name = parent.strip("/")
    for top in [CGROUPS / name, *(hierarchy / name for hierarchy in CGROUPS.iterdir())]:
        for folder, _, _ in os.walk(top, topdown=False):
            remove_directory(folder)


def furnish():
    """In the inner host, before anything else."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C reaches the outer program, which says it once
    signal.signal(signal.SIGTERM, leave)
    os.environ["PATH"] = f"{PRIVATE_BIN}:{os.environ['PATH']}"
    if file_system("/run") != "tmpfs":
        # As on every host that has booted with systemd. CRIU keeps what it knows of the kernel there, and nowhere else.
        print("bench: /run is not a tmpfs on this host; both engines are given one", file=sys.stderr)
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        os.mkdir("/run/netns")
    for path in HIDDEN:
        if os.path.isdir(path):
            mount("-t", "tmpfs", "tmpfs", path)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    separate_hugetlb()


def leave(number, _):
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def file_system(path):
    return subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True, check=True).stdout.strip()


def separate_hugetlb():
    """crun and version 1 of control groups: every controller must be in a hierarchy of version 1, and that be mounted."""
    unified = CGROUPS / "unified/cgroup.controllers"
    in_unified = unified.exists() and "hugetlb" in unified.read_text()
    if in_unified or (":hugetlb:" in pathlib.Path("/proc/self/cgroup").read_text() and not os.path.ismount(HUGETLB)):
        make_directory(HUGETLB)
        mount("-t", "cgroup", "-o", "hugetlb", "cgroup", HUGETLB)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)
