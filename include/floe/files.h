/* SPDX-License-Identifier: Apache-2.0 */
/* A container's files: its root file system on the host, as a tar, and what it changed in it. */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Mount the container's root file system on the host. Each call counts: the mount stays, also after
 * the container's end, until as many unmounts have come. It does not show what is mounted inside the
 * container (volumes, /proc, tmpfs).
 *
 * States: all but removing. A reboot ends all mounts, the container's removal its own.
 * @ret_path  where; freed with floe_free().
 * Errors: BAD_STATE, IO, REMOVED.
 */
FLOE_API bool floe_container_mount(floe_container *container, char **ret_path, floe_error **error);

/**
 * Take back one floe_container_mount(), or with `force` all of them. The container's own mount, which
 * it has while it is up, is not touched. Not mounted: success.
 *
 * States: all but removing.
 * Errors: when nothing but the container's own mount is left: BAD_STATE (it runs, is paused, or exec
 * sessions are active), else IN_USE; IO, REMOVED.
 */
FLOE_API bool floe_container_unmount(floe_container *container, bool force, floe_error **error);

/**
 * The containers whose root file system is mounted, by whomever, as a JSON array with the keys of
 * `podman mount --format json`: id, Names, mountpoint. It takes no container's lock.
 * @ret_json  freed with floe_free().
 */
FLOE_API bool floe_mount_list(floe_engine *engine, char **ret_json, floe_error **error);

/**
 * Write the container's root file system as a tar, as it is now: owner, mode, times, xattrs, hard
 * links, devices and holes are kept, sockets left out; nothing of what is mounted inside the
 * container. It may run on meanwhile, and be used: what vanishes on the way is left out.
 *
 * States: all but removing.
 * @fd  written from its position on, may be a pipe; stays the caller's. After a failure what it has is
 *      no whole tar. Format: POSIX.1-2001 pax; xattrs as SCHILY.xattr, sparse files as GNU's 1.0.
 * Errors: BAD_STATE, IO, REMOVED.
 */
FLOE_API bool floe_container_export(floe_container *container, int fd, floe_error **error);

/**
 * The same into a file, which has its name, in the place of what had it, when it is whole, and not
 * before. A device or a pipe is written to.
 * @path  links are followed. Its mode: 0666 less the umask. Errors: as above, NOT_FOUND (no such
 *        directory).
 */
FLOE_API bool floe_container_export_to_file(floe_container *container, const char *path,
                                            floe_error **error);

/** One path that differs. */
typedef struct floe_change {
    char kind;        /* 'A' added, 'C' changed, 'D' deleted */
    const char *path; /* absolute; any bytes */
} floe_change;

/**
 * What the container changed of its image's files, in the order of paths. The files that the engine
 * itself puts there (/etc/hosts, /run/.containerenv ...) do not count.
 *
 * States: all but removing.
 * @ret_changes  an array of *ret_count; freed, with its paths, with floe_free().
 * Errors: BAD_STATE, IO, REMOVED.
 */
FLOE_API bool floe_container_diff(floe_container *container, floe_change **ret_changes,
                                  size_t *ret_count, floe_error **error);

/**
 * What an image's topmost layer changed of those below it.
 * @ret_changes  as for floe_container_diff().
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (it has no layers), IO.
 */
FLOE_API bool floe_image_diff(floe_engine *engine, const char *name, floe_change **ret_changes,
                              size_t *ret_count, floe_error **error);

/** One side of a comparison: either a container or an image's name or id. */
typedef struct floe_diff_end {
    floe_container *container;
    const char *image;
} floe_diff_end;

/**
 * What makes of the files of `before` those of `now`, in the order of their paths. A directory is
 * changed when its mode or owner is another, or something in it is; of one that was deleted nothing
 * below is told. What floe itself puts into containers is left out where one is compared.
 *
 * States of a container: all but removing; it is not locked meanwhile.
 * @ret_changes  one block, freed with floe_free(); *ret_count of them.
 * Errors: NOT_FOUND, AMBIGUOUS (an image), INVALID, IO, REMOVED.
 */
FLOE_API bool floe_diff(floe_engine *engine, const floe_diff_end *now, const floe_diff_end *before,
                        floe_change **ret_changes, size_t *ret_count, floe_error **error);

/**
 * Keep some bytes with the container, under a name, in the place of what has it. They go where the
 * container goes, and with it.
 *
 * States: all but removing. @name  without '/', and without '.' at its front. @data  at most
 * 64 MiB; of none it may be NULL.
 * Errors: INVALID, BAD_STATE, IO, REMOVED.
 */
FLOE_API bool floe_container_artifact_add(floe_container *container, const char *name,
                                          const void *data, size_t size, floe_error **error);

/** What was kept under a name. @ret_data  freed with floe_free(). Errors: as above; NOT_FOUND. */
FLOE_API bool floe_container_artifact_get(floe_container *container, const char *name,
                                          void **ret_data, size_t *ret_size, floe_error **error);

/** Keep it no longer. Errors: as above; NOT_FOUND. */
FLOE_API bool floe_container_artifact_remove(floe_container *container, const char *name,
                                             floe_error **error);

/** One end of a copy. */
typedef struct floe_copy_end {
    floe_container *container; /* NULL: this host */
    const char *path; /* in the container; there a relative one begins at its working directory */
    int tar_fd;       /* with neither container nor path: a tar is read from, or written to it */
} floe_copy_end;

typedef struct floe_copy_options {
    size_t size;
    bool keep_owners; /* into a container: owners stay; else its user owns what is copied */
    bool overwrite;   /* directories may replace other files, and these directories */
} floe_copy_options;

#define FLOE_COPY_OPTIONS_INIT \
    { \
        .size = sizeof(floe_copy_options) \
    }

/**
 * Copy files between a container and the host, or two containers, or to and from a tar (plain, gzip
 * or zstd).
 *
 * Paths in a container are resolved as its processes would, and never lead out of it. While it has a
 * process they reach all that is mounted in it, else its volumes (not by way of a link). Links on the
 * way, and at the end of a path, are followed; those inside a directory that is copied stay links. As
 * docker and podman have it: into a directory the source goes under its own name; a source that ends
 * with "/." is the content of the directory; what does not exist yet is made, but not the directories
 * above it. To the host, all belongs to the caller.
 *
 * States: all but removing. The container is not locked while it is copied.
 * @options  NULL: FLOE_COPY_OPTIONS_INIT.
 * Errors: NOT_FOUND (names the path and where), INVALID (a directory onto a file; two hosts; a bad
 * tar), BAD_STATE, IO, REMOVED. What was copied before a failure stays.
 */
FLOE_API bool floe_copy(const floe_copy_end *from, const floe_copy_end *to,
                        const floe_copy_options *options, floe_error **error);

#ifdef __cplusplus
}
#endif
