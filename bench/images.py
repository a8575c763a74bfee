# SPDX-License-Identifier: Apache-2.0
"""Images: what is loaded, pulled and listed, and the cases that measure it. The OCI runtime has no part in them."""

import contextlib
import gzip
import hashlib
import io
import json
import random
import re
import subprocess
import tarfile
import time

OCI = "application/vnd.oci.image."
LARGE = "localhost/bench-large:1"
N_LAYERS = 20
LAYER_SIZE = 51 << 20
FILE_SIZES = (2_000, 8_000, 20_000, 60_000, 400_000, 3_000_000)
N_SMALL = 500
SMALL_PER_ARCHIVE = 50  # so that one load of podman's is within a step's time


def add(tar, name, data):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(data), 1700000000
    tar.addfile(entry, io.BytesIO(data))


def layer(number):
    """Files of many sizes, which compress to about half."""
    chance = random.Random(number)
    buffer, left, count = io.BytesIO(), LAYER_SIZE, 0
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        while left > 0:
            size = min(left, chance.choice(FILE_SIZES))
            add(tar, f"usr/share/layer{number}/{count // 200}/{count}", chance.randbytes(size // 2 + 1).hex().encode()[:size])
            left, count = left - size, count + 1
    return buffer.getvalue()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def config_of(diffs, **more):
    return json.dumps({"architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05Z", "config": {"Cmd": ["sh"]},
                       "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff}" for diff in diffs]},
                       "history": [{"created_by": "bench"} for _ in diffs], **more}).encode()


def make_large(docker_path, oci_path):
    """1 GiB in 20 layers: as docker's archive, plain, and as OCI's, with gzip."""
    diffs, descriptors = [], []
    with tarfile.open(docker_path, "w") as docker, tarfile.open(oci_path, "w") as oci:
        def blob(data, media_type):
            add(oci, f"blobs/sha256/{digest(data)}", data)
            return {"mediaType": OCI + media_type, "digest": f"sha256:{digest(data)}", "size": len(data)}

        for number in range(N_LAYERS):
            tar = layer(number)
            diffs.append(digest(tar))
            add(docker, f"{diffs[-1]}.tar", tar)
            descriptors.append(blob(gzip.compress(tar, 1, mtime=0), "layer.v1.tar+gzip"))
        config = config_of(diffs)
        add(docker, f"{digest(config)}.json", config)
        add(docker, "manifest.json", json.dumps([{"Config": f"{digest(config)}.json", "RepoTags": [LARGE],
                                                  "Layers": [f"{diff}.tar" for diff in diffs]}]).encode())
        manifest = blob(json.dumps({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                                    "config": blob(config, "config.v1+json"), "layers": descriptors}).encode(), "manifest.v1+json")
        manifest["annotations"] = {"org.opencontainers.image.ref.name": LARGE}
        add(oci, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        add(oci, "index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode())


def make_small(path, numbers):
    """Images that differ in their configurations."""
    tar = bytes(1024)
    with tarfile.open(path, "w") as archive:
        add(archive, f"{digest(tar)}.tar", tar)
        images = []
        for number in numbers:
            config = config_of([digest(tar)], author=f"bench {number}")
            add(archive, f"{digest(config)}.json", config)
            images.append({"Config": f"{digest(config)}.json", "RepoTags": [f"localhost/bench-small{number}:1"],
                           "Layers": [f"{digest(tar)}.tar"]})
        add(archive, "manifest.json", json.dumps(images).encode())


@contextlib.contextmanager
def registry(work):
    """docker-registry on the loopback address; HOST:PORT."""
    config, log = work / "registry.yml", work / "registry.log"
    config.write_text(f"version: 0.1\nlog: {{level: info, formatter: text}}\nhttp: {{addr: '127.0.0.1:0'}}\n"
                      f"storage: {{filesystem: {{rootdirectory: {work / 'registry'}}}}}\n")
    with log.open("w") as file, subprocess.Popen(["docker-registry", "serve", config], stdout=file, stderr=file) as server:
        try:
            while not (found := re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text())):
                time.sleep(0.05)
            yield found[1]
        finally:
            server.terminate()


def gone(engine, name=LARGE):
    engine.call("rmi", "-f", name)


def load(engine, kind, archive):
    yield f"load of 1 GiB, {kind}", engine.timed("load", "-q", "-i", archive).wall_ms
    gone(engine)
    yield f"memory of load, {kind}", engine.timed("load", "-q", "-i", archive, together=True).together_mib
    gone(engine)


def cases(docker, oci, server):
    def load_docker(engine):
        yield from load(engine, "docker-archive", docker)

    def load_oci(engine):
        yield from load(engine, "oci-archive", oci)

    def pull(engine):
        name = f"{server}/large:1"
        yield "pull of 1 GiB", engine.timed("pull", "-q", "--tls-verify=false", name).wall_ms
        gone(engine, name)

    def list_images(engine):
        yield "images, 500 of them", engine.timed("images").wall_ms

    return [load_docker, load_oci, pull], list_images
