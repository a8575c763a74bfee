# SPDX-License-Identifier: Apache-2.0
"""What an engine has on disk, in its database and in open descriptors, measured from outside.

Mounts, namespaces, cgroups, processes and firewall rules are measured by the system tests' helpers, which run
the programs here.
"""

import os
import re
import socket
import sqlite3
import time

# Grow by design: what happened, and what remains known of containers that went.
GROWING_FILES = re.compile(r"x/events/.*|r/floe\.db-(wal|shm)|x/runtime/[^/]+/\..*")
GROWING_TABLES = {"exit_code", "last_lease", "sqlite_sequence"}


SETTLING_S = 10  # what conmon started when a container ended ends by itself


class Measure:
    def __init__(self, floe):
        self.floe = floe
        self.before = self.take()

    def take(self):
        root = option(self.floe, "--root")
        runroot = option(self.floe, "--runroot")
        return {
            "file": {f"{mark}/{name}" for mark, top in (("r", root), ("x", runroot)) for name in files(mark, top)},
            "row": rows(os.path.join(root, "floe.db")),
            "open file": open_below((root + "/", runroot + "/")),
        }

    def differences(self):
        """What there is more, or less, than at first."""
        end = time.monotonic() + SETTLING_S
        found = self.compare(self.take())
        while found and time.monotonic() < end:
            time.sleep(0.1)
            found = self.compare(self.take())
        return found

    def compare(self, after):
        more = [f"left behind: {kind} {value}" for kind in after for value in after[kind] - self.before[kind]]
        # Files that were open at first were not for ever.
        less = [f"gone: {kind} {value}" for kind in ("file", "row") for value in self.before[kind] - after[kind]]
        return more + less


def option(floe, name):
    return floe.program[floe.program.index(name) + 1]


def files(mark, top):
    for directory, names, others in os.walk(top):
        for name in names + others:
            path = os.path.relpath(os.path.join(directory, name), top)
            if not GROWING_FILES.fullmatch(f"{mark}/{path}"):
                yield path


def rows(path):
    """Each row of each table, as a text."""
    result = set()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in set(tables) - GROWING_TABLES:
            result |= {f"{table}: {row}" for row in database.execute(f"SELECT * FROM {table}")}
    database.close()
    return result


def links(pid):
    """What the descriptors of a process are open on."""
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            yield fd, os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def open_below(tops):
    return {f"{pid} has {link}" for pid in processes() if pid != os.getpid()
            for _, link in links(pid) if link.startswith(tops)}


def inherited(floe):
    """Descriptors of floe's own that came into a container, or into its conmon."""
    wrong = []
    for container in floe.say("ps", "-q").split():
        pid, conmon = floe.say("inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", container).split()
        wrong += [f"conmon of {container} has {fd}: {link}" for fd, link in links(conmon)
                  if re.search(r"floe\.db|/locks/|memfd:", link)]
        wrong += [f"container {container} has {fd}: {link}" for fd, link in links(pid)
                  if int(fd) > 2 and not re.match(r"/dev/|pipe:", link)]
    return wrong


def count_lines(path):
    try:
        with open(path, "rb") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]
