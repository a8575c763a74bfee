/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container handle, and the one way in which operations enter and leave: lock, reload, notice what happened since (the process
 * ended, another floe was killed half-way), check that the state allows it.
 */
#pragma once

#include "base/lock.h"
#include "engine/container-state.h"
#include "engine/engine.h"
#include "state/container-record.h"

/* Where a container's files are. What is below `run` does not survive a reboot. */
typedef struct ContainerPaths {
    char *dir; /* ROOT/containers/ID */
    char *upper;
    char *work;
    char *checkpoint;     /* CRIU's images */
    char *checkpoint_new; /* while they are being written */
    char *criu_work;      /* CRIU's logs and statistics */
    char *log;            /* ctr.log */
    char *run;            /* RUNROOT/containers/ID */
    char *merged;         /* the mounted root file system */
    char *bundle;         /* config.json, conmon's attach socket */
    char *exit_dir; /* conmon's exit file, one directory a container: an event there is ours */
    char *shm;
    char *exec; /* exec sessions, a directory each */
    char *resolv_conf;
    char *hosts;
    char *hostname;
    char *containerenv;
    char *pid_file;
    char *conmon_pid_file;
    char *runtime_log;
    char *criu_config;
    char *netns;  /* /run/netns/floe-ID12 */
    char *cgroup; /* /floe/ID, as in config.json */
    char *lock;   /* the byte of the id in RUNROOT/locks/containers */
} ContainerPaths;

struct floe_container {
    floe_engine *engine;
    ContainerRecord *record;
    ContainerPaths paths;
};

void container_free(floe_container *ctr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_container, container_free)

/* A handle on a record, which it takes over. */
floe_container *container_for_record(floe_engine *engine, ContainerRecord *record);

/* By id. NOT_FOUND. */
bool container_open(floe_engine *engine, const char *id, floe_container **ret_ctr, GError **error);

/* By name, id or prefix. NOT_FOUND, AMBIGUOUS. */
bool container_lookup(floe_engine *engine, const char *name_or_id, floe_container **ret_ctr,
                      GError **error);

/* An operation at work on a container, which is locked meanwhile. */
typedef struct Operation {
    floe_container *ctr;
    Lock lock;
    bool leaves_broken; /* an interrupted operation is not put right */
} Operation;

#define OPERATION_NONE \
    { \
        NULL, LOCK_NONE, false \
    }

/* REMOVED when the container went; operation_refuse()'s errors. */
bool operation_enter(floe_container *ctr, OperationKind kind, Operation *ret_op, GError **error);

/* Enter whatever the state is, for an operation that looks itself. */
bool operation_enter_any(floe_container *ctr, Operation *ret_op, GError **error);

/* Enter without putting an interrupted operation right: for a removal by force, which ends all of it anyway. */
bool operation_enter_broken(floe_container *ctr, Operation *ret_op, GError **error);

/* Let others in while waiting for the user's process, and take the container again: reload and sync, no check. */
void operation_suspend(Operation *op);
bool operation_resume(Operation *op, GError **error);

void operation_leave(Operation *op);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Operation, operation_leave)

/* The only way to change the state of a record; it checks that the change is possible. Not saved yet. */
void container_set_state(floe_container *ctr, floe_container_state state);

/* The status as it is recorded now; the lock is not needed. REMOVED when the container went. */
bool container_reload(floe_container *ctr, GError **error);

/* Save the status as it is in the record. */
bool container_save(floe_container *ctr, GError **error);

/* The operations that a killed floe may leave half-done: ContainerStatus.intent. */
#define INTENT_INIT       "init"
#define INTENT_START      "start"
#define INTENT_PAUSE      "pause"
#define INTENT_CHECKPOINT "checkpoint"
#define INTENT_RESTORE    "restore"

/* Save that an operation has begun (NULL: has ended), for the next floe if this one is killed in it. */
bool container_save_intent(floe_container *ctr, const char *intent, GError **error);

/* conmon's exit file, if there is one: the state becomes stopped, with the exit code. Under the lock. */
bool container_note_exit(floe_container *ctr, bool *ret_changed, GError **error);

/* The runtime of the container. Cleared with runtime_clear(). */
void container_runtime(floe_container *ctr, Runtime *ret_runtime);

/* Signal the container's first process, by a descriptor, so that no other process can be hit. STOPPED: it has ended. */
bool container_signal(floe_container *ctr, int signal, GError **error);

/*
 * An operation on a running container failed. Whatever it said: if the process has ended, which nobody had
 * noted yet, that is why, and the error becomes BAD_STATE. False.
 */
bool operation_blame_end(floe_container *ctr, OperationKind kind, GError **error);
