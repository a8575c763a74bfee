/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests that need root, conmon and an OCI runtime: a directory with a root file system of
 * busybox, and a container made from it through conmon. Everything is gone after
 * live_container_free().
 */
#pragma once

#include "oci/conmon.h"

typedef struct LiveContainer {
    char *directory; /* rootfs, bundle, exits, state of the runtime */
    char *bundle;
    char *exit_dir;
    char *log_path;
    char *cgroup_path;
    const char *id;
    Runtime runtime;
    bool open_stdin;
    const char *restore_dir; /* for the next live_container_start() */
    const char *const *exit_command;
    int pid;
    int conmon_pid;
} LiveContainer;

/*
 * Run the tests in a pid and mount namespace of their own (with root): a runtime that goes astray
 * can kill nothing but them, and whatever they leave running ends with them.
 */
int live_container_isolate(int argc, char **argv, int (*run)(int argc, char **argv));

/*
 * NULL, and the test is skipped, where it cannot be: no root, or no such runtime that works here.
 */
LiveContainer *live_container_new(const char *runtime);
void live_container_free(LiveContainer *container);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveContainer, live_container_free)

/* config.json for this command (NULL-terminated). */
void live_container_configure(LiveContainer *container, const char *const *argv);

/* Begin and end of conmon's create (or restore). */
ConmonCall *live_container_call(LiveContainer *container);
bool live_container_create(LiveContainer *container, GError **error);

/* Configure `sh -c SCRIPT`, create and start. */
void live_container_run(LiveContainer *container, const char *script);

/* Wait for the end; its exit code. */
int live_container_wait(LiveContainer *container);

/* An SpecInput process for exec. */
json_t *live_container_process(const char *const *argv);

/* Everything the container has written so far, from its log. */
char *live_container_log(LiveContainer *container);

/* Wait until the log holds a text. */
void live_container_wait_log(LiveContainer *container, const char *text);
