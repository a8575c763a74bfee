# SPDX-License-Identifier: Apache-2.0
"""The client of the frozen server: one TCP connection, asked and answered."""

import socket
import threading
import time

from engines import StepFailed

TIMEOUT_S = 30


class Connection:
    """Held open over checkpoint and restore. Counts, so that a server that lost its memory is noticed."""

    def __init__(self, address):
        self.count = 0
        self.socket = connect(address)
        self.answers = self.socket.makefile("rb")

    def ask(self):
        """One INCR; blocks until it is answered. The time when it was."""
        try:
            self.socket.sendall(b"INCR visits\r\n")
            answer = self.answers.readline()
        except OSError as error:
            raise StepFailed(f"the connection broke: {error}") from None
        self.count += 1
        if answer != b":%d\r\n" % self.count:
            raise StepFailed(f"the server answered {answer!r} to request {self.count}")
        return time.monotonic()

    def set(self, key, value):
        self.socket.sendall(b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(key), key.encode(), len(value), value))
        answer = self.answers.readline()
        if answer != b"+OK\r\n":
            raise StepFailed(f"the server answered {answer!r} to SET {key}")

    def close(self):
        self.answers.close()
        self.socket.close()


def connect(address):
    end = time.monotonic() + 5
    while True:
        try:
            return socket.create_connection((address, 6379), timeout=TIMEOUT_S)
        except OSError as error:
            if time.monotonic() > end:
                raise StepFailed(f"cannot connect to {address}: {error}") from None
        time.sleep(0.01)


class Asking(threading.Thread):
    """Asks again and again, as a busy client does, so that one request is under way when the server freezes.

    That one is lost, and sent again when the client's TCP thinks that it is time: after 200 ms, then 400 ms and so on.
    """

    PAUSE_S = 0.002

    def __init__(self, connection):
        super().__init__(daemon=True)
        self.connection = connection
        self.times = [connection.ask()]
        self.enough = threading.Event()
        self.error = None
        self.start()

    def run(self):
        try:
            while not self.enough.wait(self.PAUSE_S):
                self.times.append(self.connection.ask())
        except StepFailed as error:
            self.error = error

    def longest_wait_s(self):
        """Ends it; the longest time between two answers."""
        self.enough.set()
        self.join()
        if self.error:
            raise self.error
        return max(after - before for before, after in zip(self.times, self.times[1:]))
