# SPDX-License-Identifier: Apache-2.0
"""The programs that are compared. floe and podman take the same words; the bare runtime can do a part of what they do."""

import json
import os
import pathlib
import pty
import select
import subprocess
from dataclasses import dataclass

import host

TOP = pathlib.Path(__file__).resolve().parent.parent
LIMIT_S = 120  # podman takes a minute to list 500 images
PODMAN_CONF = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
default_subnet = "10.189.0.0/16"
"""


class StepFailed(Exception):
    """A command failed; the text says which and why."""


@dataclass
class Sample:
    """One command's cost."""
    wall_ms: float
    largest_mib: float
    together_mib: float


class Engine:
    """A command line with its own state below a directory."""

    def __init__(self, name, work, spawn, command):
        self.name = name
        self.work = work
        self.command = command
        self.spawn = spawn
        self.stdio = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}

    def timed(self, *words, together=False):
        """Run one command; what it costs. `together`: all its processes' memory is measured, and its time is not."""
        return self.sample([*self.command, *words], together)

    def timed_on_terminal(self, *words):
        """The same with a terminal for standard input and output."""
        master, terminal = pty.openpty()
        try:
            return self.sample([*self.command, *words], stdin=terminal, stdout=terminal)
        finally:
            os.close(terminal)
            os.close(master)

    def sample(self, command, together=False, **stdio):
        result = self.work / "result"
        run([self.spawn, result, "tree" if together else "one", *command], **{**self.stdio, **stdio})
        wall_us, largest_kib, together_kib = map(int, result.read_text().split())
        return Sample(wall_us / 1000, largest_kib / 1024, together_kib / 1024)

    def timed_at_once(self, verb, names):
        """The verb for each name by a process of its own, all at the same time, until the last has ended."""
        list_file = self.work / "names"
        list_file.write_text("\n".join(names))
        return self.sample(["xargs", "-a", list_file, "-n", "1", "-P", len(names), *self.command, verb])

    def call(self, *words):
        """Run one command; its output."""
        return run([*self.command, *words], stdin=subprocess.DEVNULL)

    def remove(self, *names):
        """Whatever state they are in, and whether they exist or not."""
        for name in names:
            try:
                self.call("rm", "-f", "-t", "0", name)
            except StepFailed:
                pass


def run(command, **options):
    """Run a command to its end, and not to that of what it leaves running: so what it writes goes to files, not to pipes."""
    command = [str(word) for word in command]
    with scratch() as output, scratch() as errors:
        with subprocess.Popen(command, **{"stdout": output, "stderr": errors, **options}) as process:
            if not ends_in_time(process):
                process.kill()
                raise StepFailed(f"{' '.join(command)}: not done after {LIMIT_S} s")
        if process.returncode != 0:
            raise StepFailed(f"{' '.join(command)}: exit status {process.returncode}: {' / '.join(content(errors)[-3:])}")
        return "\n".join(content(output))


def ends_in_time(process):
    """subprocess's own wait with a timeout sleeps, up to 50 ms too long."""
    pidfd = os.pidfd_open(process.pid)
    try:
        return bool(select.select([pidfd], [], [], LIMIT_S)[0])
    finally:
        os.close(pidfd)


def scratch():
    return os.fdopen(os.memfd_create("scratch"), "w+b")


def content(file):
    file.seek(0)
    return file.read().decode(errors="replace").strip().splitlines()


class Floe(Engine):
    """With the library of the same build, for what podman has no command for."""

    def __init__(self, program, work, spawn, runtime):
        self.places = work / "floe", work / "floe-run"
        self.batch = work / "batch"
        super().__init__("floe", work, spawn, [program, "--root", self.places[0], "--runroot", self.places[1],
                                               "--runtime", runtime])
        library = pathlib.Path(program).resolve().parent
        run(["cc", "-O2", "-I", TOP / "include", "-o", self.batch, TOP / "bench/batch.c",
             "-L", library, "-lfloe", f"-Wl,-rpath,{library}"])

    def looks_ms(self, name):
        """A thousand looks at a container: one by one, and in a batch."""
        result = self.work / "result"
        run([self.batch, result, *self.places, name])
        return [int(word) / 1000 for word in result.read_text().split()]


class Podman(Engine):
    """podman, told what containers this kind of machine can have, and to stay in its directory."""

    def __init__(self, work, spawn, runtime):
        conf = work / "containers.conf"
        conf.write_text(PODMAN_CONF)
        os.environ["CONTAINERS_CONF"] = str(conf)
        places = ("root", "runroot", "tmpdir", "network-config-dir")
        super().__init__("podman", work, spawn, [
            "podman", *(f"--{place}={work}/podman-{place}" for place in places), "--runtime", runtime])

    def timed(self, *words, together=False):
        return super().timed(*in_our_cgroup(words), together=together)

    def call(self, *words):
        return super().call(*in_our_cgroup(words))


def in_our_cgroup(words):
    if words[0] in ("run", "create"):
        return (words[0], "--cgroup-parent", host.CGROUP_PARENT, *words[1:])
    return words


class Bare(Engine):
    """The OCI runtime alone: the floor. Its containers read and write pipes, which CRIU knows how to reconnect."""

    def __init__(self, work, spawn, runtime, image_tar):
        super().__init__("bare", work / "bare", spawn, [runtime, "--root", work / "bare/state"])
        self.pipe = os.pipe()
        self.stdio = {"stdin": self.pipe[0], "stdout": self.pipe[1]}
        rootfs = self.work / "rootfs"
        rootfs.mkdir(parents=True)
        run(["tar", "-x", "-C", rootfs, "-f", image_tar])
        run(["mount", "--bind", rootfs, rootfs])  # CRIU can only map a root that is a mount; goes with the namespace

    def bundle(self, *command):
        """A bundle that runs the command with what `runc spec` gives, but the terminal; its path."""
        path = self.work / ("bundle-" + command[0])
        if not path.exists():
            path.mkdir()
            run([*self.command, "spec", "--bundle", path] if self.has_bundle_option() else [*self.command, "spec"],
                cwd=path)
            file = path / "config.json"
            config = json.loads(file.read_text())
            config["process"].update(terminal=False, args=list(command), rlimits=[])
            config["linux"].pop("maskedPaths", None)  # crun hides them by mounts that it forgets to tell CRIU of
            config["linux"]["cgroupsPath"] = f"{host.CGROUP_PARENT}/{path.name}"
            config["root"] = {"path": str(self.work / "rootfs"), "readonly": False}
            file.write_text(json.dumps(config))
        return path

    def has_bundle_option(self):
        return pathlib.Path(self.command[0]).name == "runc"

    def remove(self, *names):
        for name in names:
            try:
                self.call("delete", "--force", name)
            except StepFailed:
                pass
