# SPDX-License-Identifier: Apache-2.0
"""What storm and walk do with containers, and what floe may answer.

No order is promised when several work on one container, or when one floe was killed, so a verb may find any
state: an error that tells of a state is right. What is not: a crash, a hang, an exit status that the verb does
not have, and a text that nobody foresaw.
"""

import dataclasses
import os
import re
import signal
import subprocess

TIME_LIMIT_S = 120

# As a PID 1, sh would ignore TERM without a trap.
SLEEPER = ["sh", "-c", 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done']
# Each run adds a line to the container's own file and tells in whose.
APPEND = ["sh", "-c", "echo x >>/count && hostname"]

# What each verb may end with. 137: killed together with the container. 2, of an attach: the container's shell gave up,
# as it does when its cgroup lets it make no process.
STATUSES = {
    "exec": (0, 125, 137, 255),
    "rm": (0, 1, 2, 125),
    "run": (0, 125),
    "wait": (0, 125, -signal.SIGTERM),
    "attach": (0, 2, 125, 137, 143, -signal.SIGTERM),
    "logs": (0, 125),
    "ps": (0,),
}
REFUSED = (0, 125)

# The whole line, after "Error: " or "warning: ".
NAME = r'(?:container )?"?[\w.-]+"?'
ANSWERS = [re.compile(pattern) for pattern in (
    rf"no (?:such object|container with (?:name or id|id or name)|container):? .*",
    rf'.*"[\w.-]+" was removed meanwhile',
    r"the (?:container )?name \"\w+\" is (?:already )?in use.*",
    rf"cannot [a-z ]+ {NAME}:? (?:in state \w+|it is not running.*|as it is \w+.*)",
    rf"{NAME} is (?:running|stopped|paused|not running|not paused) ?(?:already)?.*",
    rf"the process of {NAME} has ended",
    rf"{NAME} did not end within \d+ s of signal \d+: sending SIGKILL",
    rf"(?:restore {NAME}: )?port \d+/tcp is in use by {NAME}",
    rf"the ports of {NAME}, which is checkpointed, are given to another: its connections will not go on",
    rf"{NAME} has no checkpoint.*",
    # CRIU mounts what hierarchies of control groups the host has not mounted, for the time of a restore, where
    # the runtime of another container finds them: that start fails, or the container cannot be restored later.
    r'runc: error mounting "cgroup" to rootfs .*/\.criu\.cgyard\..*',
    rf"restore {NAME}: mnt: No mapping for \d+:\(null\) mountpoint \(log: .*\)",
    # Two copies to one file at once, and copies with a container that ends or is removed by force meanwhile.
    rf'"[^"]*" could not be found on {NAME}: no such file or directory',
    r'copy "[^"]*": create it: File exists',
    r"""copy "[^"]*": open '[^']*' in the container's root: No such file or directory""",
    r"open directory '.*/merged': No such file or directory",
    # Its end is under way by another's hand.
    rf"unpause {NAME} without the runtime, ignoring: runc: container not paused",
    rf"{NAME}: the exec session \w+ \(\w+\) ends with the refresh",
    rf"cannot checkpoint {NAME}: exec sessions are active .*",
)]


@dataclasses.dataclass
class Command:
    verb: str
    argv: list
    stop_after_s: float = 0  # a verb that may wait for ever is asked to end after this time


@dataclasses.dataclass
class Answer:
    command: Command
    status: int
    output: str
    errors: str

    def __str__(self):
        return f"{' '.join(self.command.argv)} -> {self.status} {self.errors.strip()}"


class Floe:
    """The program with the options of one engine."""

    def __init__(self, program):
        self.program = program

    def start(self, command):
        return subprocess.Popen(self.program + command.argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)

    def run(self, command):
        """Raises Hang when it takes too long."""
        with self.start(command) as process:
            try:
                output, errors = process.communicate(timeout=command.stop_after_s or TIME_LIMIT_S)
            except subprocess.TimeoutExpired:
                if command.stop_after_s:
                    process.terminate()
                output, errors = end_of(process, command)
        return Answer(command, process.returncode, output, errors)

    def say(self, *argv):
        """The output of a command that must succeed."""
        answer = self.run(Command(argv[0], list(argv)))
        if answer.status != 0:
            raise Wrong(f"should have succeeded: {answer}")
        return answer.output


class Wrong(Exception):
    """What floe must not do, in words."""


def end_of(process, command):
    try:
        return process.communicate(timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        where = waits_for(process.pid)
        process.send_signal(signal.SIGABRT)
        process.communicate()
        raise Wrong(f"hangs: {' '.join(command.argv)}: {where}") from None


def waits_for(pid):
    """Where in the kernel it waits, with its children, for the report of a hang."""
    words = []
    for each in [pid, *children_of(pid)]:
        try:
            with open(f"/proc/{each}/wchan") as wchan, open(f"/proc/{each}/cmdline") as line:
                words.append(f"{each} {line.read().split(chr(0))[0]} in {wchan.read()}")
        except OSError:
            pass
    return "; ".join(words)


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return [int(child) for child in children.read().split()]
    except OSError:
        return []


def complaint(answer):
    """What is wrong with an answer; None: nothing."""
    if answer.status not in STATUSES.get(answer.command.verb, REFUSED):
        return f"exit status: {answer}"
    for line in answer.errors.splitlines():
        text = re.sub(r"^(?:Error|warning): ", "", line)
        if not any(pattern.fullmatch(text) for pattern in ANSWERS):
            return f"unexpected text: {answer}"
    if answer.status in (125, 255) and not answer.errors:
        return f"no reason given: {answer}"
    if answer.command.verb == "run" and answer.status == 0 and answer.output != "ran\n":
        return f"its output is '{answer.output}': {answer}"
    return None


class Verbs:
    """Makes commands by chance. `network` gives a container's options by its name."""

    CHOICES = {
        "create": 4, "start": 5, "stop": 2, "rm": 2, "exec": 5, "exec-detached": 1, "run": 1,
        "inspect": 2, "ps": 1, "pause": 1, "unpause": 2, "kill": 1, "restart": 1, "checkpoint": 1,
        "checkpoint-running": 1, "restore": 2, "mount": 1, "umount": 1, "stats": 1, "logs": 1, "diff": 1,
        "export": 1, "wait": 1, "cleanup": 1, "init": 1, "attach": 1, "update": 1, "top": 1, "cp-in": 1,
        "cp-out": 1, "artifact": 1, "prune": 1, "refresh": 1,
    }

    def __init__(self, random, network):
        self.random = random
        self.network = network

    def next(self, names):
        verb, = self.random.choices(list(self.CHOICES), list(self.CHOICES.values()))
        return self.command(verb, self.random.choice(names))

    def command(self, verb, name):
        special = getattr(self, verb.replace("-", "_"), None)
        return special(name) if special else Command(verb, [verb, name])

    def create(self, name):
        label = ["--label", "prune"] if self.random.random() < 0.2 else []
        return Command("create", ["create", *self.network(name), *label, "--name", name, "busybox", *SLEEPER])

    def run(self, _name):
        return Command("run", ["run", "--rm", "--network", "none", "busybox", "echo", "ran"])

    def stop(self, name):
        return Command("stop", ["stop", "-t", "1", name])

    def restart(self, name):
        return Command("restart", ["restart", "-t", "1", name])

    def rm(self, name):
        force = ["-f", "-t", "0"] if self.random.random() < 0.5 else []
        return Command("rm", ["rm", *force, name])

    def exec(self, name):
        return Command("exec", ["exec", name, *APPEND])

    def exec_detached(self, name):
        return Command("exec", ["exec", "-d", name, "sleep", "0.1"])

    def inspect(self, name):
        return Command("inspect", ["inspect", "--format", "{{.Id}}", name])

    def ps(self, _name):
        return Command("ps", ["ps", "-aq"])

    def kill(self, name):
        return Command("kill", ["kill", "-s", self.random.choice(["KILL", "TERM", "WINCH"]), name])

    def checkpoint_running(self, name):
        return Command("checkpoint", ["checkpoint", "--leave-running", name])

    def stats(self, name):
        return Command("stats", ["stats", "--no-stream", name])

    def diff(self, name):
        return Command("diff", ["container", "diff", name])

    def export(self, name):
        return Command("export", ["export", "-o", os.devnull, name])

    def wait(self, name):
        return Command("wait", ["wait", name], stop_after_s=0.5)

    def attach(self, name):
        return Command("attach", ["attach", "--no-stdin", "--sig-proxy=false", name], stop_after_s=0.5)

    def update(self, name):
        return Command("update", ["update", "--pids-limit", str(self.random.randint(50, 500)), name])

    def cp_in(self, name):
        return Command("cp", ["cp", __file__, f"{name}:/tmp/verbs"])

    def cp_out(self, name):
        return Command("cp", ["cp", f"{name}:/etc/passwd", "-"])

    def artifact(self, name):
        return Command("artifact", ["container", "artifact", "add", name, "note", __file__])

    def prune(self, _name):
        return Command("prune", ["container", "prune", "-f", "--filter", "label=prune"])

    def refresh(self, name):
        return Command("refresh", ["container", "refresh", name])

    def cleanup(self, name):
        return Command("cleanup", ["container", "cleanup", name])
