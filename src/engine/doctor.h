/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at the host for everything floe needs. Each check tries the thing itself where that is
 * possible without leaving a trace, and tells at once what it found.
 */
#pragma once

#include "base/json.h"
#include "oci/runtime.h"

typedef enum CheckStatus {
    CHECK_OK,
    CHECK_WARNING, /* something is lost without it */
    CHECK_FAILED,  /* containers cannot be run, checkpointed and restored */
} CheckStatus;

typedef struct Doctor {
    char *root;
    char *runroot;
    char *wanted_runtime; /* NULL: the best that works */
    bool use_systemd;     /* for cgroups */
    char *wanted_storage; /* NULL: overlay where that works */
    char *scratch;   /* a directory on root's file system, for tries; NULL: none could be made */
    int netns_fd;    /* an empty network namespace, for tries; -1: none could be made */
    Runtime runtime; /* path NULL: none works */
    json_t *checks;
    bool ok;
} Doctor;

/* Tell a result. advice NULL: there is nothing to do. */
void doctor_tell(Doctor *doctor, const char *name, CheckStatus status, const char *advice,
                 const char *found, ...) G_GNUC_PRINTF(5, 6);

/* The host and its file systems. doctor_check_directories() makes the scratch directory. */
void doctor_check_privileges(Doctor *doctor);
void doctor_check_cgroups(Doctor *doctor);
void doctor_check_systemd(Doctor *doctor);
void doctor_check_directories(Doctor *doctor);
void doctor_check_security_modules(Doctor *doctor);

/* Namespaces, overlay, network devices, seccomp. Makes the network namespace. */
void doctor_check_kernel(Doctor *doctor);

/* The programs that floe is made of. The runtime comes first: CRIU is the one that it would call. */
void doctor_check_runtime(Doctor *doctor);
void doctor_check_conmon(Doctor *doctor);
void doctor_check_criu(Doctor *doctor);
void doctor_check_network(Doctor *doctor);
void doctor_check_helpers(Doctor *doctor);
