/* SPDX-License-Identifier: Apache-2.0 */
/* The container handle: its record, its paths, and its first process. */
#pragma once

#include "base/lock.h"
#include "engine/container-state.h"
#include "engine/engine.h"
#include "state/container-record.h"
#include "state/image-record.h"

/* Where a container's files are. What is below `run` does not survive a reboot. */
typedef struct ContainerPaths {
    char *dir; /* ROOT/containers/ID */
    char *upper;
    char *work;
    char *checkpoint;     /* CRIU's images */
    char *checkpoint_new; /* while they are being written */
    char *pre_checkpoint; /* memory alone, for a checkpoint that builds on it */
    char *criu_work;      /* CRIU's logs and statistics */
    char *artifacts;      /* files that users keep with it */
    char *secrets;        /* copies of those that it has as files */
    char *log;            /* ctr.log, or where the user wants it */
    char *run;            /* RUNROOT/containers/ID */
    char *merged;         /* the mounted root file system */
    char *bundle;         /* config.json, conmon's attach socket */
    char *notify_dir; /* in it: conmon's socket for what the container tells its service manager */
    char *exit_dir;   /* conmon's exit file, one directory a container: an event there is ours */
    char *shm;
    char *exec;          /* exec sessions, a directory each */
    char *secrets_mount; /* where those are bound to, below its /run */
    char *resolv_conf;
    char *localtime;
    char *hosts;
    char *hostname;
    char *containerenv;
    char *pid_file;
    char *conmon_pid_file;
    char *runtime_log;
    char *criu_config;
    char *netns;       /* /run/netns/floe-ID12 */
    char *cgroup;      /* engine/cgroup-names.h, for this and the next five */
    char *cgroup_spec; /* as in config.json: the same, or "machine.slice:libpod:ID" */
    char *slice;       /* with systemd, else NULL; the same for the scopes */
    char *scope;
    char *conmon_scope;
    char *conmon_cgroup; /* without systemd */
    char *restart;       /* RUNROOT/restarts/ID: engine/policy-restart.h */
    char *lock;          /* the byte of the id in RUNROOT/locks/containers */
} ContainerPaths;

struct floe_container {
    floe_engine *engine;
    ContainerRecord *record;
    ContainerPaths paths;
    Lock lock;              /* held while an operation or a batch is at work */
    bool in_batch;          /* the lock is the batch's: operations neither take nor release it */
    bool holds_traffic;     /* its network is locked from the moment on when there is one */
    unsigned rows, columns; /* of the terminal that an init is for; 0: not known */
    bool is_service;        /* the one that this process's service manager wants started */
    int *preserved_fds;     /* what its next start passes on */
    size_t n_preserved_fds;
};

void container_free(floe_container *ctr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_container, container_free)

/* A handle on a record, which it takes over. */
floe_container *container_for_record(floe_engine *engine, ContainerRecord *record);

/* By id. NOT_FOUND. */
bool container_open(floe_engine *engine, const char *id, floe_container **ret_ctr, GError **error);

/* Its image; one without layers, names and configuration where it has none. */
bool container_load_image(const floe_engine *engine, const ContainerConfig *config,
                          ImageRecord **ret_image, GError **error);

/* Is its root a directory of the host's itself, with nothing between that tells what it changes? */
bool container_has_bare_root(const ContainerConfig *config);

/*
 * The way in which operations change the state; it checks that the change is possible. Not saved yet.
 * Beside it: record_note_end(), also on copies, and the undo of a failed start, back to what there was.
 */
void container_set_state(floe_container *ctr, floe_container_state state);

/* The status as it is recorded now; the lock is not needed. REMOVED when the container went. */
bool container_reload(floe_container *ctr, GError **error);

/* What it is in when nothing of it runs: exited, or configured if it never ran. */
floe_container_state container_state_at_rest(const floe_container *ctr);

/* Have the configuration of this record, which gets the one there was. */
void container_take_config(floe_container *ctr, ContainerRecord *record);

/* Save the status as it is in the record. */
bool container_save(floe_container *ctr, GError **error);

/* The operations that a killed floe may leave half-done: ContainerStatus.intent. */
#define INTENT_INIT           "init"
#define INTENT_START          "start"
#define INTENT_PAUSE          "pause"
#define INTENT_CHECKPOINT     "checkpoint"
#define INTENT_EXPORT         "export" /* of a container that is checkpointed already */
#define INTENT_RESTORE        "restore"
#define INTENT_POD_END        "pod-end" /* its pod is in an archive, and ends */
#define INTENT_CONNECT        "connect" /* or disconnect */
#define INTENT_RELOAD_NETWORK "reload-network"
#define INTENT_IMPORT         "import" /* ended half-way, it goes: engine/imports.h */

/* Save that an operation has begun (NULL: has ended), for the next floe if this one is killed in it. */
bool container_save_intent(floe_container *ctr, const char *intent, GError **error);

/*
 * Locks are bytes of one file, so that none is left when a container goes. Each has four: the first 60
 * bits of its id say where, and the next two which of them.
 */
typedef enum ContainerLock {
    CONTAINER_LOCK_OPERATION, /* whoever works on it */
    CONTAINER_LOCK_RESTART,   /* shared: it ends only to begin again (container-restart.c) */
    CONTAINER_LOCK_HEALTH,    /* its health monitor */
    CONTAINER_LOCK_STOP, /* shared: somebody waits for the end that he asked for (container-stop.c) */
} ContainerLock;

char *container_lock_file(const floe_engine *engine);
int64_t container_lock_offset(const char *id, ContainerLock which);

/* The runtime of the container. Cleared with runtime_clear(). */
void container_runtime(const floe_container *ctr, Runtime *ret_runtime);
void record_runtime(const floe_engine *engine, const ContainerRecord *record, Runtime *ret_runtime);

/*
 * A descriptor of the container's first process, checked to be it: the number in the record may be
 * another's by now. STOPPED: it has ended.
 */
bool container_open_process(floe_container *ctr, int *ret_pidfd, GError **error);

/* Signal the container's first process. STOPPED: it has ended. */
bool container_signal(floe_container *ctr, int signal, GError **error);

/*
 * Wait until the runtime's own program, with which its process begins, has become its command; a
 * second at most.
 */
void container_wait_for_command(const floe_container *ctr);
