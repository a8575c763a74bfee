/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Named volumes: directories that containers share and that outlive them. A volume is named by its
 * whole name, or by the beginning of one that no other volume's name begins with.
 */

typedef struct floe_volume_options {
    size_t size;
    const char *name;          /* letters, digits, '_', '.', '-'; NULL: a random one */
    const char *driver;        /* "local", the only one; NULL: that */
    const char *const *labels; /* "key=value", "key" */
    const char *const *options; /* "type=nfs", "device=:/export", "o=addr=10.0.0.1,ro": what is mounted
                                   there while somebody needs it, as mount(8) has it; without type and
                                   device, "o=uid=1000,gid=100" is the owner of the directory */
} floe_volume_options;

#define FLOE_VOLUME_OPTIONS_INIT \
    { \
        sizeof(floe_volume_options), 0, 0, 0, 0 \
    }

/**
 * Make a volume. It is empty; the first container that has it gives it the owner, the mode and the
 * content of what its image has there.
 * @options  NULL: FLOE_VOLUME_OPTIONS_INIT.
 * @ret_name  freed with floe_free(); may be NULL.
 * Errors: EXISTS, INVALID (name, label, option), NOT_FOUND (a bound device), UNSUPPORTED (driver), IO.
 */
FLOE_API bool floe_volume_create(floe_engine *engine, const floe_volume_options *options,
                                 char **ret_name, floe_error **error);

/** Is there a volume of exactly this name? */
FLOE_API bool floe_volume_exists(floe_engine *engine, const char *name, bool *ret_exists,
                                 floe_error **error);

/**
 * Volumes by name, as a JSON array of what floe_volume_inspect() gives.
 * @filters  NULL: all. "key=value", all of which must be met: dangling (true: no container uses it),
 *           driver, label, label!, name (a regular expression), opt, scope, until.
 * @ret_json  freed with floe_free(). Errors: INVALID (a filter).
 */
FLOE_API bool floe_volume_list(floe_engine *engine, const char *const *filters, char **ret_json,
                               floe_error **error);

/**
 * A volume as a JSON object with the keys of `podman volume inspect`: Name, Driver, Mountpoint,
 * CreatedAt, Labels, Scope, Options, UID, GID, Anonymous, MountCount, NeedsCopyUp, NeedsChown.
 * @ret_json  freed with floe_free(). Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_volume_inspect(floe_engine *engine, const char *name, char **ret_json,
                                  floe_error **error);

typedef struct floe_volume_remove_options {
    size_t size;
    bool force;    /* remove the containers that use it before it, running ones too */
    int timeout_s; /* for that: how long to wait after the stop signal; FLOE_STOP_TIMEOUT_DEFAULT */
    /* Told of each of them; or NULL. */
    void (*removed)(const char *id, const char *name, void *data);
    void *removed_data;
} floe_volume_remove_options;

#define FLOE_VOLUME_REMOVE_OPTIONS_INIT \
    { \
        sizeof(floe_volume_remove_options), false, FLOE_STOP_TIMEOUT_DEFAULT, 0, 0 \
    }

/**
 * Remove a volume and what is in it; of one whose options mount something, nothing of that.
 * @options  NULL: FLOE_VOLUME_REMOVE_OPTIONS_INIT.
 * @ret_name  its whole name; freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND, AMBIGUOUS, IN_USE (containers use it: the text names them), IO.
 */
FLOE_API bool floe_volume_remove(floe_engine *engine, const char *name,
                                 const floe_volume_remove_options *options, char **ret_name,
                                 floe_error **error);

/**
 * Remove all volumes that no container uses and that match.
 * @filters  NULL: all. label, label!, until, as for floe_volume_list().
 * @ret_names  those that went; freed with floe_strv_free(); may be NULL. Errors: INVALID (a
 *             filter), IO.
 */
FLOE_API bool floe_volume_prune(floe_engine *engine, const char *const *filters, char ***ret_names,
                                floe_error **error);

/**
 * Write what is in a volume as an uncompressed tar. Owners, modes, times, extended attributes, hard
 * links, devices and holes are kept; sockets are left out.
 * @fd  may be a pipe; stays the caller's. Errors: NOT_FOUND, AMBIGUOUS, IO.
 */
FLOE_API bool floe_volume_export(floe_engine *engine, const char *name, int fd, floe_error **error);

/** The same into a file, which gets its name as that of floe_container_export_to_file() does. */
FLOE_API bool floe_volume_export_to_file(floe_engine *engine, const char *name, const char *path,
                                         floe_error **error);

/**
 * Unpack a tar (plain, gzip or zstd) into a volume, over what is there. The tar is untrusted: nothing
 * is written outside the volume. When it fails, what was unpacked before stays.
 * @fd  read to its end; stays the caller's. Errors: NOT_FOUND, AMBIGUOUS, INVALID (the tar), IO.
 */
FLOE_API bool floe_volume_import(floe_engine *engine, const char *name, int fd, floe_error **error);

/**
 * Where a volume is on the host. What its options say is mounted there, and stays until as many calls
 * of floe_volume_unmount() and the end of the last container that has it.
 * @ret_path  freed with floe_free(). Errors: NOT_FOUND, AMBIGUOUS, IO (it cannot be mounted).
 */
FLOE_API bool floe_volume_mount(floe_engine *engine, const char *name, char **ret_path,
                                floe_error **error);

/** Undo a floe_volume_mount(). Not mounted: success. Errors: NOT_FOUND, AMBIGUOUS, IO. */
FLOE_API bool floe_volume_unmount(floe_engine *engine, const char *name, floe_error **error);

#ifdef __cplusplus
}
#endif
