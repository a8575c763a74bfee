/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/checkpoint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A handle on one pod: containers that live and are moved together. Its infra container, which is
 * made with it and goes with it, has the namespaces that the others share; the containers' cgroups
 * are in the pod's. Containers join by floe_create_options.pod.
 *
 * Containers and pods share one space of ids and one of names.
 */
typedef struct floe_pod floe_pod;

typedef struct floe_pod_create_options {
    size_t size;
    const char *name;                  /* NULL: a random one */
    const char *const *create_command; /* the command line of the user, for inspect */
    const char *const *labels;         /* "key=value" or "key" */
    const char *shared;     /* namespaces: "ipc,net,uts" (NULL), "+pid" beside those, "none" */
    bool without_infra;     /* then nothing is shared */
    const char *infra_name; /* NULL: the first 12 digits of the pod's id, "-infra" */
    const char *exit_policy; /* when its last container has ended: "continue" (NULL), "stop" the rest */

    /*
     * What is the pod's as a whole; NULL: the defaults. Its hostname, network, publish, ip, mac,
     * dns..., add_hosts, modes, volumes, shm_size, sysctls and security options are the infra
     * container's; its memory, cpu, cpuset and blkio limits hold for all containers together. With
     * an image the infra container runs that, with the command, in place of floe's own program.
     */
    const floe_create_options *infra;
} floe_pod_create_options;

#define FLOE_POD_CREATE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_pod_create_options) \
    }

/**
 * Make a pod, with its infra container. Nothing runs yet; the first container that is started
 * starts the infra container.
 * Errors: INVALID, EXISTS (the name), NOT_FOUND, MISSING_PART (no program for the infra container).
 * @ret_pod  freed with floe_pod_free(); may be NULL.
 */
FLOE_API bool floe_pod_create(floe_engine *engine, const floe_pod_create_options *options,
                              floe_pod **ret_pod, floe_error **error);

/** By name, id, or a prefix of the id that no other pod has. Errors: NOT_FOUND, AMBIGUOUS. */
FLOE_API bool floe_pod_lookup(floe_engine *engine, const char *name_or_id, floe_pod **ret_pod,
                              floe_error **error);

/** The pod that was created last. Errors: NOT_FOUND when there is none. */
FLOE_API bool floe_pod_latest(floe_engine *engine, floe_pod **ret_pod, floe_error **error);

/** Free the handle; the pod stays. NULL is fine. */
FLOE_API void floe_pod_free(floe_pod *pod);

/** 64 hex digits. Owned by the handle. */
FLOE_API const char *floe_pod_id(const floe_pod *pod);

/** Owned by the handle. */
FLOE_API const char *floe_pod_name(const floe_pod *pod);

/**
 * The ids of its containers in the order of their creation, the infra container first.
 * @ret_ids  NULL-terminated, freed with floe_strv_free().
 */
FLOE_API bool floe_pod_containers(floe_pod *pod, char ***ret_ids, floe_error **error);

/**
 * Pods as a JSON array, newest first, with the keys of `podman pod ps --format json`.
 *
 * The state is "Created" (none has run), "Running" (all), "Degraded" (some), "Paused" (all),
 * "Exited" (all have ended), "Stopped" (some have, and none runs) or "Error".
 * @filters  "key=value", NULL-terminated or NULL: id, name, label, status, network, ctr-ids,
 *           ctr-names, ctr-status, ctr-number, until.
 * @ret_json freed with floe_free(). Errors: INVALID (a filter).
 */
FLOE_API bool floe_pod_list(floe_engine *engine, const char *const *filters, char **ret_json,
                            floe_error **error);

/** The pod as a JSON object with the keys of `podman pod inspect`. @ret_json: floe_free(). */
FLOE_API bool floe_pod_inspect(floe_pod *pod, char **ret_json, floe_error **error);

typedef struct floe_pod_options {
    size_t size;
    int timeout_s; /* of stop, restart and remove, for each container; FLOE_STOP_TIMEOUT_DEFAULT */
    int signal;    /* of kill: 1..64 */
    bool force;    /* of remove: stop the containers that run */
    void (*failed)(const char *container_id, const floe_error *error,
                   void *data); /* told of each container for which it failed; or NULL */
    void *failed_data;
} floe_pod_options;

#define FLOE_POD_OPTIONS_INIT \
    { \
        sizeof(floe_pod_options), FLOE_STOP_TIMEOUT_DEFAULT, 9, false, 0, 0 \
    }

/**
 * What these do is done to all containers of the pod, several at a time; one that is in the state
 * already (start: it runs; stop: it has ended), or for which it makes no sense (pause: it does not
 * run), is passed over. That it fails for one does not keep the rest from being done: then `failed`
 * is told of it, and the function fails with PARTIAL. Kill sends a signal to the first process.
 *
 * Start begins with the infra container, stop and restart end with it.
 * @options  NULL: FLOE_POD_OPTIONS_INIT, with SIGKILL. Errors: NOT_FOUND (the pod has gone),
 * PARTIAL, INVALID (a signal).
 */
FLOE_API bool floe_pod_start(floe_pod *pod, const floe_pod_options *options, floe_error **error);
FLOE_API bool floe_pod_stop(floe_pod *pod, const floe_pod_options *options, floe_error **error);
FLOE_API bool floe_pod_restart(floe_pod *pod, const floe_pod_options *options, floe_error **error);
FLOE_API bool floe_pod_pause(floe_pod *pod, const floe_pod_options *options, floe_error **error);
FLOE_API bool floe_pod_unpause(floe_pod *pod, const floe_pod_options *options, floe_error **error);
FLOE_API bool floe_pod_kill(floe_pod *pod, const floe_pod_options *options, floe_error **error);

/**
 * Remove the pod with its containers. Without `force` none may run but the infra container, nor be
 * paused. From its begin on no container can join the pod; one that is interrupted is gone on with
 * by the next removal.
 * Errors: BAD_STATE (containers run; the pod is as before), PARTIAL, NOT_FOUND.
 */
FLOE_API bool floe_pod_remove(floe_pod *pod, const floe_pod_options *options, floe_error **error);

/**
 * Make another pod like this one: what it shares and has, and its containers as they were created,
 * with new ids, and names that end with "-clone". What they have written is not copied; named volumes
 * are shared. Nothing runs yet.
 * @name  NULL: the pod's, with "-clone" at its end. @ret_pod: floe_pod_free(); may be NULL.
 * Errors: EXISTS, UNSUPPORTED (its infra container is one of an image, or has a namespace that is not
 * its own), NOT_FOUND.
 */
FLOE_API bool floe_pod_clone(floe_pod *pod, const char *name, floe_pod **ret_pod,
                             floe_error **error);

typedef struct floe_pod_checkpoint_options {
    size_t size;
    const char *export_path; /* write the archive there, with mode 0600; NULL: to: */
    int export_fd;           /* which stays the caller's; -1: not */
    const char *compression; /* of the archive: "zstd" (NULL), "gzip", "none" */
    bool leave_running;
    bool tcp_established; /* freeze established TCP connections too, those within the pod and others */
    bool file_locks;      /* and held file locks */
    bool end_exec_sessions; /* which a checkpoint does not hold; else they are an error */
    bool ignore_rootfs;     /* leave what changed of the images' files out of the archive */
    bool ignore_volumes;    /* and the named volumes */
} floe_pod_checkpoint_options;

#define FLOE_POD_CHECKPOINT_OPTIONS_INIT \
    { \
        .size = sizeof(floe_pod_checkpoint_options), .export_fd = -1 \
    }

/**
 * Freeze a pod with all its containers, which have to run, into an archive. They stand still at one
 * instant, before the first is dumped, so that none sees another gone, and the connections between
 * them survive.
 *
 * States of the containers: running -> exited (running with leave_running). Until the archive is whole
 * the pod is not touched: when it fails, or floe is killed, all of it runs on. Format of the archive:
 * docs/pod-archive.md.
 * Errors: as for floe_container_checkpoint(); UNSUPPORTED (also: no infra container, one of an image,
 * the pid namespace is shared).
 */
FLOE_API bool floe_pod_checkpoint(floe_pod *pod, const floe_pod_checkpoint_options *options,
                                  floe_error **error);

typedef struct floe_pod_restore_options {
    size_t size;
    const char *archive; /* path; "-": standard input */
    const char *name;    /* a new name, and with it new ids, names and address; NULL: as it was */
    const char *const *publish; /* ports as for a create, instead of its own; NULL: its own */
    const char *const *allow;   /* as in floe_archive_restore_options */
    bool tcp_established;
    bool file_locks;
    bool tcp_close;
    bool ignore_static_ip;
    bool ignore_static_mac;
    bool ignore_rootfs;
    bool ignore_volumes;
} floe_pod_restore_options;

#define FLOE_POD_RESTORE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_pod_restore_options) \
    }

/**
 * Make a pod of an archive, and thaw all its containers, in the order in which they need each other.
 * With tcp_established its traffic is held up until all are there. When it fails, or floe is killed,
 * nothing of it stays.
 * @ret_pod  its handle, the caller's; may be NULL. Errors: as for floe_archive_restore().
 */
FLOE_API bool floe_pod_restore(floe_engine *engine, const floe_pod_restore_options *options,
                               floe_pod **ret_pod, floe_error **error);

#ifdef __cplusplus
}
#endif
