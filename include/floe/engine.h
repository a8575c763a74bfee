/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * An engine: one root directory, one run directory, one database. Any number of processes may have
 * the same directories open at once; one handle is used by one thread at a time.
 *
 * libfloe aborts the process when memory runs out, as GLib does.
 */
typedef struct floe_engine floe_engine;

typedef enum floe_log_level {
    FLOE_LOG_WARNING = 1, /* something failed and floe goes on; the text says what follows */
    FLOE_LOG_INFO = 2,
    FLOE_LOG_DEBUG = 3,
} floe_log_level;

/** Receives one line without newline. It must not call back into libfloe. */
typedef void (*floe_log_handler)(floe_log_level level, const char *message, void *data);

typedef struct floe_engine_options {
    size_t size;          /* set by FLOE_ENGINE_OPTIONS_INIT */
    const char *root;     /* what survives a reboot; NULL: /var/lib/floe */
    const char *runroot;  /* what does not; NULL: /run/floe */
    const char *runtime;  /* name or path of an OCI runtime; NULL: the best that works here */
    const char *program;  /* the floe command that conmon calls when a container ends;
                               NULL: found beside the library's installation */
    floe_log_handler log; /* NULL: nothing is logged. One for the whole process. */
    void *log_data;
    floe_log_level log_level; /* the most detailed level that is passed on; 0: FLOE_LOG_WARNING */

    /*
     * The service manager that started this process means the container that is started: that one gets
     * the descriptors of $LISTEN_FDS, and $NOTIFY_SOCKET is told of it. systemd's sd_listen_fds(3) and
     * sd_notify(3).
     */
    bool as_service;

    const char *cgroup_manager; /* of new containers and pods: "systemd" (with cgroup v2 only) or
                                   "cgroupfs"; NULL: as floe.conf(5) says, or systemd where it is the
                                   first process and the runtime works with it */
    const char *storage_driver; /* of new containers: "overlay", or "vfs", by which each has a copy of
                                   its image's files; NULL: as floe.conf(5) says, or overlay where
                                   that works on the root directory */
} floe_engine_options;

#define FLOE_ENGINE_OPTIONS_INIT \
    { \
        sizeof(floe_engine_options), 0, 0, 0, 0, 0, 0, FLOE_LOG_WARNING, false, 0, 0 \
    }

/**
 * Open an engine, and make its directories and database where they are missing.
 *
 * After a reboot (the boot id differs from the recorded one) what cannot have survived is set right
 * in the database first: states, pids, mounts, addresses.
 * @options  NULL: FLOE_ENGINE_OPTIONS_INIT. Strings are copied.
 * @ret_engine  closed by the caller with floe_engine_close().
 * Errors: INVALID (a relative path), IO, SCHEMA (made by a newer floe).
 */
FLOE_API bool floe_engine_open(const floe_engine_options *options, floe_engine **ret_engine,
                               floe_error **error);

/** Close an engine. Objects got from it must be freed before. NULL is fine. */
FLOE_API void floe_engine_close(floe_engine *engine);

/**
 * Facts on the host and the engine as one JSON object, keys as `podman info` (host, store,
 * version).
 * @ret_json  freed by the caller with floe_free().
 */
FLOE_API bool floe_engine_info(floe_engine *engine, char **ret_json, floe_error **error);

/**
 * What takes room on disk, as one JSON object; all sizes in bytes of unpacked files.
 *
 * Images [{Id, Names, Created (unix seconds), Size, SharedSize (of layers that others have, too),
 * UniqueSize, Containers}], ImagesSize (each layer once), ImagesReclaimable (of layers that no
 * container needs); Containers [{Id, Size (what it wrote), LocalVolumes, IsUp}]; Volumes [{Name, Links
 * (containers that have it), Size}]; BuildCache (size).
 * @ret_json  freed by the caller with floe_free().
 */
FLOE_API bool floe_engine_disk_usage(floe_engine *engine, char **ret_json, floe_error **error);

/**
 * Remove everything: containers, running ones too, without waiting for their ends; pods, images,
 * volumes, networks; then the engine's files, and its directories if nothing else is in them. Nobody
 * else may have the engine open. Cut off, it goes on when it is called again.
 *
 * After it, also when it failed, the handle is good for nothing but floe_engine_close().
 * Errors: IN_USE (somebody made containers meanwhile), RUNTIME, NETWORK, IO.
 */
FLOE_API bool floe_engine_reset(floe_engine *engine, floe_error **error);

/**
 * Check everything floe needs on this host, also what `info` takes for granted.
 *
 * @ret_json  {"ok": bool, "checks": [{"name", "status": "ok"|"warning"|"failed", "found",
 * "advice"}]};
 *            "ok" is false when the main job (run, checkpoint, restore) could not work here.
 *            Freed by the caller with floe_free().
 * @options   as for floe_engine_open(): it works when an engine cannot be opened.
 */
FLOE_API bool floe_doctor(const floe_engine_options *options, char **ret_json, floe_error **error);

/** The version of the library, "0.1.0". Static. */
FLOE_API const char *floe_version(void);

/** Free what libfloe gave: strings and arrays. NULL is fine. */
FLOE_API void floe_free(void *memory);

/** Free a NULL-terminated array of strings that libfloe gave. NULL is fine. */
FLOE_API void floe_strv_free(char **strings);

#ifdef __cplusplus
}
#endif
