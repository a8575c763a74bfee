# SPDX-License-Identifier: Apache-2.0
"""What was measured, as a table for people and as JSON for programs."""

import json
import os
import platform
import statistics
import subprocess

RUNTIMES = ("runc", "crun")
# From the issues that made floe: at most this part of what the other takes, on the same runtime ...
OF_PODMAN = {
    ("runc", "run"): 1 / 2,
    ("crun", "run"): 1 / 3,
    ("runc", "run on the bridge"): 0.6,
    ("runc", "run on a network with names and a port"): 0.6,
    ("crun", "run on the bridge"): 0.6,
    ("crun", "run on a network with names and a port"): 0.6,
    ("runc", "redis away, idle client"): 0.4,
    ("crun", "redis away, idle client"): 0.35,
    ("runc", "ps -a"): 1 / 10,
    ("runc", "memory of run"): 1 / 4,
    ("crun", "memory of run"): 1 / 4,
    ("runc", "memory of ps"): 1 / 4,
    ("runc", "load of 1 GiB, docker-archive"): 1 / 2,
    ("runc", "load of 1 GiB, oci-archive"): 1 / 2,
    ("runc", "images, 500 of them"): 1 / 10,
    **{(runtime, measure): part for runtime in RUNTIMES for measure, part in (
        ("exec", 1 / 3),
        ("1 GiB to stdout", 1),
        ("start of 50, by 50 commands", 1 / 4),
        ("start of 50, by one command", 1 / 4),
        ("export, 1 GiB of text", 1 / 2.5),
        ("export, 1 GiB of noise", 1 / 2.5),
        ("import, 1 GiB of text", 1 / 2),
        ("import, 1 GiB of noise", 1 / 2),
    )},
}
OF_BARE = {(runtime, "freeze and thaw, 1 GiB"): 1.15 for runtime in RUNTIMES}
# ... or this much.
AT_MOST = {
    **{(runtime, measure): 128 for runtime in RUNTIMES for measure in ("memory of export", "memory of import")},
    ("runc", "memory of load, docker-archive"): 64,
    ("runc", "memory of load, oci-archive"): 64,
}


class Results:
    """Values by runtime, measure and engine; a failed one is None, so that pairs stay pairs."""

    def __init__(self):
        self.values = {}
        self.failures = []
        self.ours_failed = False

    def add(self, runtime, measure, engine, round_number, value):
        engines = self.values.setdefault(runtime, {}).setdefault(measure, {})
        engines.setdefault(engine, {})[round_number] = value

    def fail(self, runtime, case, engine, reason):
        self.ours_failed |= engine not in ("podman", "bare")
        text = f"{engine} on {runtime}: {case}: {reason}"
        if text not in self.failures:
            self.failures.append(text)

    def summaries(self):
        """One per row of the table."""
        for runtime, measures in self.values.items():
            for measure, engines in measures.items():
                yield summary(runtime, measure, engines)

    def missed(self):
        return [row for row in self.summaries() if row["met"] is False]


def summary(runtime, measure, engines):
    key = (runtime, measure)
    ratio = ratio_to(engines, "podman")
    target, value = OF_PODMAN.get(key), ratio
    if key in OF_BARE:
        target, value = OF_BARE[key], ratio_to(engines, "bare")
    elif key in AT_MOST:
        target, value = AT_MOST[key], max(engines.get("floe", {}).values(), default=None)
    return {
        "runtime": runtime,
        "measure": measure,
        "unit": "MiB" if measure.startswith(("memory", "size")) else "ms",
        "medians": {name: statistics.median(values.values()) for name, values in engines.items()},
        "ratio": ratio,
        "target": target,
        "reached": value if target is not None else None,
        "met": None if target is None else value is not None and value <= target,
    }


def ratio_to(engines, other):
    ours, theirs = engines.get("floe", {}), engines.get(other, {})
    ratios = [ours[number] / theirs[number] for number in ours if number in theirs]
    return statistics.median(ratios) if ratios else None


def print_table(results, rounds):
    """The ratio is the median of the pairs' ratios, so it may differ a little from that of the medians."""
    print(f"\n{'':46}{'floe':>9}{'podman':>9}{'bare':>9}   floe/podman   target")
    runtime = None
    for row in results.summaries():
        if row["runtime"] != runtime:
            runtime = row["runtime"]
            print(f"on {runtime}")
        print(f"  {row['measure']:<40}{row['unit']:>4}" + "".join(
            f"{row['medians'][name]:9.1f}" if name in row["medians"] else f"{'-':>9}"
            for name in ("floe", "podman", "bare")) + verdict(row))
    print(f"\nMedians of {rounds} rounds; floe/podman is the median of the rounds' ratios.")
    for failure in results.failures:
        print(f"FAILED {failure}")
    missed = results.missed()
    print(f"{len(missed)} targets missed" if missed else "all targets met")


def verdict(row):
    ratio = f"{row['ratio']:14.3f}" if row["ratio"] is not None else f"{'-':>14}"
    if row["target"] is None:
        return ratio
    key = (row["runtime"], row["measure"])
    what = " of bare" if key in OF_BARE else " MiB" if key in AT_MOST else ""
    reached = f" ({row['reached']:.3f})" if what and row["reached"] is not None else ""
    return f"{ratio}   {row['target']:6.3f}{what}{reached} {'met' if row['met'] else 'MISSED'}"


def write_json(results, rounds, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({
        "machine": {
            "kernel": platform.release(),
            "processors": os.cpu_count(),
            "versions": {name: first_line([name, "--version"]) for name in ("podman", "runc", "crun", "criu", "conmon")},
        },
        "rounds": rounds,
        "results": [dict(row, values=results.values[row["runtime"]][row["measure"]]) for row in results.summaries()],
        "failures": results.failures,
    }, indent=1) + "\n")


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")[0]
    except OSError:
        return None
