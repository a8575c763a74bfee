/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a container's record to the bundle: config.json and the files that are bound into the container.
 */
#pragma once

#include "engine/container.h"

#include <sys/types.h>

/*
 * Write config.json, resolv.conf, hosts, hostname and .containerenv. The root file system is
 * mounted; the network is planned (addresses are known), not necessarily up.
 */
bool container_write_bundle(floe_container *ctr, GError **error);

/* The same but config.json's "process" object, for an exec. Freed with json_decref(). */
typedef struct ProcessWish {
    const char *const *argv;
    const char *const *env; /* added to the container's */
    const char *user;       /* NULL: the container's */
    const char *workdir;
    bool privileged;
    bool tty;
    unsigned rows, columns; /* of the terminal; 0: not known */
} ProcessWish;

bool container_exec_process(floe_container *ctr, const ProcessWish *wish, json_t **ret_process,
                            GError **error);
