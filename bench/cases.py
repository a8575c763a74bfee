# SPDX-License-Identifier: Apache-2.0
"""What is measured. A case is a function of an engine that yields (measure, value) as it goes; values are ms or MiB."""

import contextlib
import os
import shutil
import time

from connection import Asking, Connection
from engines import StepFailed

IMAGE = "localhost/bench-busybox"
REDIS = "localhost/bench-redis"
LOOP = ("sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done")
SERVER = ("redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "")
GIBIBYTE = ("sh", "-c", "dd if=/dev/zero bs=64k count=16384 2>/dev/null")
HOLD_GIBIBYTE = ("sh", "-c", "rm -f /tmp/full; dd if=/dev/urandom bs=1G count=1 iflag=fullblock 2>/dev/null |"
                 " (head -c 1 >/dev/null; : >/tmp/full; exec sleep 1000)")
PIECE = 1 << 20  # of the data of Redis
MANY = [f"many{number}" for number in range(50)]
SETTLE_S = 0.05  # a fresh container's process gets to its work


def run_without_network(engine):
    yield "run", engine.timed("run", "--rm", "--network", "none", IMAGE, "true").wall_ms


def run_on_bridge(engine):
    yield "run on the bridge", engine.timed("run", "--rm", IMAGE, "true").wall_ms


def run_on_network(engine):
    """One that a user made, so that a name server starts and ends with the container; and a published port."""
    with contextlib.suppress(StepFailed):
        engine.call("network", "create", "bench-lan")
    yield "run on a network with names and a port", engine.timed(
        "run", "--rm", "--network", "bench-lan", "-p", "18088:80", IMAGE, "true").wall_ms


def life(engine):
    engine.remove("life")
    yield "run -d", engine.timed("run", "-d", "--name", "life", "--network", "none", IMAGE, "sleep", "1000").wall_ms
    yield "exec", engine.timed("exec", "life", "true").wall_ms
    yield "exec -it", engine.timed_on_terminal("exec", "-it", "life", "true").wall_ms
    if engine.name == "floe":
        one_by_one, in_a_batch = engine.looks_ms("life")
        yield "1000 looks through libfloe", one_by_one
        yield "1000 looks in a batch", in_a_batch
    yield "stop -t 0", engine.timed("stop", "-t", "0", "life").wall_ms
    yield "start", engine.timed("start", "life").wall_ms
    engine.call("stop", "-t", "0", "life")
    yield "rm", engine.timed("rm", "life").wall_ms


def print_much(engine):
    yield "1 GiB to stdout", engine.timed("run", "--rm", "--network", "none", IMAGE, *GIBIBYTE).wall_ms


def start_many(engine):
    """Containers that were made before and sleep; by so many commands, and by one."""
    try:
        for name in MANY:
            engine.call("create", "--name", name, "--network", "none", IMAGE, "sleep", "1000")
        yield "start of 50, by 50 commands", engine.timed_at_once("start", MANY).wall_ms
        engine.call("stop", "-t", "0", *MANY)
        yield "start of 50, by one command", engine.timed("start", *MANY).wall_ms
    finally:
        engine.call("rm", "-f", "-t", "0", *MANY)


def freeze_loop(engine):
    engine.remove("loop")
    engine.call("run", "-d", "--name", "loop", "--network", "none", IMAGE, *LOOP)
    time.sleep(SETTLE_S)
    yield "checkpoint, a shell loop", engine.timed("container", "checkpoint", "loop").wall_ms
    yield "restore, a shell loop", engine.timed("container", "restore", "loop").wall_ms
    engine.remove("loop")


@contextlib.contextmanager
def redis_and_client(engine):
    engine.remove("redis")
    engine.call("run", "-d", "--name", "redis", REDIS, *SERVER)
    client = Connection(engine.call("inspect", "--format", "{{.NetworkSettings.IPAddress}}", "redis"))
    try:
        client.ask()
        yield client
    finally:
        client.close()
        engine.remove("redis")


def freeze_redis(engine):
    """From the start of the checkpoint until the server has answered the client's next request."""
    with redis_and_client(engine) as client:
        begin = time.monotonic()
        yield "checkpoint, redis", freeze(engine)
        yield "restore, redis", thaw(engine)
        yield "redis away, idle client", (client.ask() - begin) * 1000


def freeze_busy_redis(engine):
    """The same for a client that has a request under way."""
    with redis_and_client(engine) as client:
        asking = Asking(client)
        freeze(engine)
        thaw(engine)
        yield "redis away, busy client", asking.longest_wait_s() * 1000


def freeze(engine):
    return engine.timed("container", "checkpoint", "--tcp-established", "redis").wall_ms


def thaw(engine):
    return engine.timed("container", "restore", "--tcp-established", "redis").wall_ms


def text_piece(_):
    """Half of it is what no compression can do without."""
    return os.urandom(PIECE // 2).hex().encode()


def noise_piece(_):
    return os.urandom(PIECE)


def move_text(engine):
    yield from move(engine, "text", text_piece)


def move_noise(engine):
    yield from move(engine, "noise", noise_piece)


def move(engine, kind, piece):
    """1 GiB of Redis's data into an archive, and out of it."""
    archive = engine.work / f"{engine.name}-moved.tar.zst"
    with redis_and_client(engine) as client:
        for number in range(1024):
            client.set(f"piece{number}", piece(number))
        sample = engine.timed("container", "checkpoint", "--tcp-established", "--export", archive, "redis")
        yield f"export, 1 GiB of {kind}", sample.wall_ms
        yield "memory of export", sample.largest_mib
        yield f"size of the archive, 1 GiB of {kind}", archive.stat().st_size / PIECE
        engine.remove("redis")
        sample = engine.timed("container", "restore", "--tcp-established", "--import", archive)
        yield f"import, 1 GiB of {kind}", sample.wall_ms
        yield "memory of import", sample.largest_mib
        client.ask()
        archive.unlink()


def freeze_gibibyte(engine):
    engine.remove("large")
    engine.call("run", "-d", "--name", "large", "--network", "none", IMAGE, *HOLD_GIBIBYTE)
    wait_until_full(engine, "large")
    frozen = engine.timed("container", "checkpoint", "large").wall_ms
    yield "freeze and thaw, 1 GiB", frozen + engine.timed("container", "restore", "large").wall_ms
    engine.remove("large")


def wait_until_full(engine, name):
    """Until HOLD_GIBIBYTE has its memory."""
    end = time.monotonic() + 60
    while True:
        try:
            engine.call("exec", name, "test", "-e", "/tmp/full")
            return
        except StepFailed:
            if time.monotonic() > end:
                raise
        time.sleep(SETTLE_S)


def memory_of_run(engine):
    command = ("run", "--rm", "--network", "none", IMAGE, "true")
    yield "memory of run", engine.timed(*command).largest_mib
    yield "memory of run, all processes", engine.timed(*command, together=True).together_mib


def list_many(engine):
    yield "ps -a", engine.timed("ps", "-a").wall_ms
    yield "memory of ps", engine.timed("ps", "-a").largest_mib


# The floor: what of the above a bare runtime can do.

def bare_run(engine):
    yield "run", engine.timed("run", "--bundle", engine.bundle("true"), "run").wall_ms


def bare_life(engine):
    engine.remove("life")
    bundle = engine.bundle("sleep", "1000")
    yield "run -d", engine.timed("run", "--detach", "--bundle", bundle, "life").wall_ms
    yield "exec", engine.timed("exec", "life", "true").wall_ms
    engine.remove("life")


def bare_freeze_loop(engine):
    engine.timed("run", "--detach", "--bundle", engine.bundle(*LOOP), "loop")
    time.sleep(SETTLE_S)
    frozen, thawed = bare_round_trip(engine, "loop", LOOP)
    yield "checkpoint, a shell loop", frozen
    yield "restore, a shell loop", thawed


def bare_freeze_gibibyte(engine):
    engine.timed("run", "--detach", "--bundle", engine.bundle(*HOLD_GIBIBYTE), "large")
    wait_until_full(engine, "large")
    yield "freeze and thaw, 1 GiB", sum(bare_round_trip(engine, "large", HOLD_GIBIBYTE))


def bare_round_trip(engine, name, command):
    """What the two halves take, in ms; the container is gone afterwards."""
    images = engine.work / "images"
    shutil.rmtree(images, ignore_errors=True)  # of a round that failed
    where = ("--image-path", images, "--work-path", images, name)
    frozen = engine.timed("checkpoint", *where).wall_ms
    engine.remove(name)
    thawed = engine.timed("restore", "--detach", "--bundle", engine.bundle(*command), *where).wall_ms
    engine.remove(name)
    # Now, as the engines do: memory that became free just before the dump would be at hand for it.
    shutil.rmtree(images)
    return frozen, thawed


ENGINE_CASES = [run_without_network, run_on_bridge, run_on_network, life, freeze_loop, freeze_redis, freeze_busy_redis]
LONG_CASES = [(memory_of_run, 3), (print_much, 3), (start_many, 1),
              (freeze_gibibyte, 3), (move_text, 2), (move_noise, 2)]  # with the most rounds that they get
BARE_CASES = {run_without_network: bare_run, life: bare_life, freeze_loop: bare_freeze_loop,
              freeze_gibibyte: bare_freeze_gibibyte}
