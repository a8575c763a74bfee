/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp profiles. They come in the format of Docker and podman, one for all hosts and containers,
 * with rules that are included or excluded by capability, architecture and kernel; the OCI runtime
 * wants the rules of this one alone.
 */
#pragma once

#include "base/json.h"

/* What the rules of a profile depend on. */
typedef struct SeccompTarget {
    const char *machine;             /* as uname(2): "x86_64" */
    const char *kernel_release;      /* "6.1.0-18-amd64" */
    const char *const *capabilities; /* the container's, NULL-terminated */
    bool lacks_x32; /* the kernel knows no x32 system calls: rules for them only take time */
} SeccompTarget;

/*
 * The profile of a container on this host.
 *
 * @profile       NULL: the default one of the containers-common package
 *                (/etc/containers/seccomp.json, else /usr/share/containers/seccomp.json).
 * @capabilities  the container's, NULL-terminated. MISSING_PART when the default is not installed
 *                (the text names the package); NOT_FOUND when the named one is not there; INVALID
 *                for a broken profile: the text names the key.
 */
bool seccomp_load(const char *profile, const char *const *capabilities, json_t **ret_seccomp,
                  GError **error);

/* Reduce a profile to the OCI form; INVALID names the key. */
bool seccomp_reduce(const json_t *profile, const SeccompTarget *target, json_t **ret_seccomp,
                    GError **error);
