# SPDX-License-Identifier: Apache-2.0
"""Threads that pass a number round a ring; each adds one, and remembers what it saw in memory of its own. Every round is
printed, together with a condition that breaks if a thread, a lock, a timer or a thread's own memory was lost."""

import queue
import threading
import time

MEMBERS = 8
ring = [queue.Queue() for _ in range(MEMBERS)]
seen = [0] * MEMBERS
own = threading.local()
lock = threading.Lock()


def member(number):
    own.count = 0
    while True:
        value = ring[number].get()
        own.count += 1
        with lock:
            seen[number] = own.count
        if number == MEMBERS - 1:
            is_whole = len(set(seen)) == 1 and value + 1 == sum(seen)
            print(own.count if is_whole else f"broken: {seen} {value}", flush=True)
            time.sleep(0.01)
        ring[(number + 1) % MEMBERS].put(value + 1)


for each in range(MEMBERS):
    threading.Thread(target=member, args=(each,)).start()
ring[0].put(0)
