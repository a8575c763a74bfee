/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of a dump may do, by their credentials in CRIU's images; nobody vouches for these.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

typedef struct CriuPrivileges {
    uint64_t capabilities; /* a bit each: all that any process or thread has, in any of its sets */
    pid_t unfiltered;      /* one without a seccomp filter; 0: each has one */
} CriuPrivileges;

/*
 * All images core-ID.img of a directory. INVALID: broken, or a process that lives has no credentials.
 */
bool criu_privileges_look(const char *directory, CriuPrivileges *ret_privileges, GError **error);

/* The same of one image. */
bool criu_privileges_add(const char *name, const void *data, size_t length, uint32_t id,
                         CriuPrivileges *privileges, GError **error);
