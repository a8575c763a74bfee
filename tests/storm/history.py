# SPDX-License-Identifier: Apache-2.0
"""The events of an engine as the history of its containers: an order that cannot have been is a lost update."""

import collections
import json
import threading

from verbs import Command, Wrong

BEGINS = {"start", "restore"}
NEEDS_PROCESS = {"exec", "pause", "unpause", "checkpoint"}
# Whether it runs. A checkpoint may leave it running, and does not say so.
AFTERWARDS = {"create": "no", "start": "yes", "restore": "yes", "died": "no", "checkpoint": "perhaps"}


class Recorder:
    """Follows `floe events` from now on."""

    def __init__(self, floe):
        self.floe = floe
        self.lines = []
        self.process = floe.start(Command("events", ["events", "--since", "0s", "--format", "json"]))
        self.thread = threading.Thread(target=self.read)
        self.thread.start()
        # What is in the list, the recorder has not missed.
        self.mark("begin")

    def read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def mark(self, name):
        """Something of a known name happens, so that one knows when all before it has been read."""
        self.floe.say("create", "--name", f"mark-{name}", "--network", "none", "busybox", "true")
        self.floe.say("rm", f"mark-{name}")

    def stop(self):
        """The events, oldest first, without the marks."""
        self.mark("end")
        for _ in range(600):
            if any(event.get("Name") == "mark-end" and event["Status"] == "remove" for event in self.lines):
                break
            self.thread.join(0.1)
        else:
            raise Wrong("`floe events` did not tell of a container that was made and removed")
        self.process.terminate()
        self.thread.join()
        self.process.communicate()
        return [event for event in self.lines if not event.get("Name", "").startswith("mark-")]


def contradictions(events, answers):
    wrong = []
    may_run = collections.defaultdict(lambda: "no")
    removed = set()
    for event in events:
        container, what = event.get("ID"), event["Status"]
        if event["Type"] != "container":
            continue
        # A stop and an export tell that they have ended, which another's removal does not wait for.
        if container in removed and what not in ("stop", "export"):
            wrong.append(f"history: {what} after remove: {container}")
        if what in BEGINS and may_run[container] == "yes":
            wrong.append(f"history: {what} of a container that runs: {container}")
        if what in NEEDS_PROCESS and may_run[container] == "no":
            wrong.append(f"history: {what} of a container that does not run: {container}")
        may_run[container] = AFTERWARDS.get(what, may_run[container])
        if what == "remove":
            removed.add(container)
    return wrong + miscounted(events, answers)


def miscounted(events, answers):
    """Each success of these verbs is one event, and each event one success. (A refresh pauses again.)"""
    wrong = []
    happened = collections.Counter(event["Status"] for event in events if event["Type"] == "container")
    succeeded = collections.Counter(answer.command.verb for answer in answers if answer.status == 0)
    expected = {
        "create": succeeded["create"] + sum(answer.command.verb == "run" for answer in answers),
        "restore": succeeded["restore"],
        "checkpoint": succeeded["checkpoint"],
    }
    for what, count in expected.items():
        if happened[what] != count:
            wrong.append(f"history: {count} {what} succeeded, {happened[what]} are among the events")
    if happened["create"] != happened["remove"]:
        wrong.append(f"history: {happened['create']} were created, {happened['remove']} removed")
    return wrong
