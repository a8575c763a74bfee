# SPDX-License-Identifier: Apache-2.0
"""Many kinds of open files with something in them or half read. On SIGUSR1 it looks whether all is as it was."""

import os
import signal
import socket
import tempfile

N = 40

pipes = [os.pipe() for _ in range(N)]
for number, (_, end) in enumerate(pipes):
    os.write(end, b"%d in the pipe" % number)

pairs = [socket.socketpair(socket.AF_UNIX, kind) for kind in [socket.SOCK_STREAM, socket.SOCK_DGRAM] * (N // 2)]
for number, (one, _) in enumerate(pairs):
    one.send(b"%d in the socket" % number)

listener = socket.socket(socket.AF_UNIX)
listener.bind("/tmp/listener")
listener.listen()
clients = [socket.socket(socket.AF_UNIX) for _ in range(N)]
servers = []
for client in clients:
    client.connect("/tmp/listener")
    servers.append(listener.accept()[0])

deleted = tempfile.TemporaryFile(dir="/var")
deleted.write(b"first second")
deleted.flush()
deleted.seek(6)

half_read = open("/etc/passwd", "rb", buffering=0)
half_read.read(5)
locked_size = os.memfd_create("memory")
os.write(locked_size, b"memory")

event = os.eventfd(41)
duplicate = os.dup(half_read.fileno())


def check():
    for number, (end, _) in enumerate(pipes):
        assert os.read(end, 100) == b"%d in the pipe" % number
    for number, (_, other) in enumerate(pairs):
        assert other.recv(100) == b"%d in the socket" % number
    for client, server in zip(clients, servers):
        client.send(b"ping")
        assert server.recv(10) == b"ping"
    late = socket.socket(socket.AF_UNIX)
    late.connect("/tmp/listener")
    assert listener.accept()
    assert deleted.read() == b"second"
    assert half_read.read(4) == b"x:0:" and os.lseek(duplicate, 0, os.SEEK_CUR) == 9
    assert os.pread(locked_size, 10, 0) == b"memory"
    assert os.eventfd_read(event) == 41


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
check()
print("all there", flush=True)
signal.pause()
