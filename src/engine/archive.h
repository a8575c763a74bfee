/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in a checkpoint archive, a tar that may be compressed: podman's format, of which the
 * names are kept by github.com/checkpoint-restore/checkpointctl, lib/metadata.go. floe writes them in
 * the order of this list, podman in another.
 */
#pragma once

/* ARCHIVE_CONFIG, the container's configuration; ARCHIVE_SPEC, config.json as it was then */
#include "storage/archive-reader.h"

#define ARCHIVE_NETWORK        "network.status" /* netavark's answer, or null */
#define ARCHIVE_ARTIFACTS      "artifacts"
#define ARCHIVE_SHM            "devshm-checkpoint.tar"
#define ARCHIVE_ROOT_DIFF      "rootfs-diff.tar" /* what was added or changed */
#define ARCHIVE_DELETED        "deleted.files"   /* JSON array of absolute paths */
#define ARCHIVE_LOG            "ctr.log"
#define ARCHIVE_VOLUMES        "volumes" /* volumes/NAME.tar */
#define ARCHIVE_STATS          "stats-dump"
#define ARCHIVE_CHECKPOINT     "checkpoint" /* CRIU's images, and descriptors.json */
#define ARCHIVE_PRE_CHECKPOINT "pre-checkpoint"
#define ARCHIVE_INVENTORY      "inventory.img" /* in the two directories: CRIU's table of contents */

/* Before the keys of the annotations of an image that is a checkpoint. */
#define ARCHIVE_ANNOTATION "io.podman.annotations.checkpoint."

/* The key in config.dump under which floe says what podman has no key for. */
#define ARCHIVE_FLOE_KEY "floe"
