/* SPDX-License-Identifier: Apache-2.0 */
/* What can be read off the host and off an installed program. Shared by info and doctor. */
#pragma once

#include "base/error.h"

#include <stdint.h>

/* "amd64": as OCI and Go call it; uname's name for one that they call the same. Freed by the caller. */
char *host_architecture(void);

/* The kernel's release, "6.1.0-18-amd64". Freed by the caller. */
char *host_kernel(void);

/* What the first processor can do, as /proc/cpuinfo names it. Freed with g_strfreev(). */
char **host_cpu_flags(void);

/* The control group controllers that are mounted (v1) or to be had (v2). Freed with g_strfreev(). */
char **host_cgroup_controllers(void);

bool host_has_apparmor(void);

/* SELinux is there and enforcing. */
bool host_has_selinux(void);

/* The default seccomp profile, or NULL. Static. */
const char *host_seccomp_profile(void);

/* The effective capabilities of this process, a bit each. */
uint64_t process_capabilities(void);

/* What a program prints with --version, without the last newline; NULL when that does not work. */
char *program_version(const char *path);

/*
 * The first number with dots in a version's text: "netavark 1.4.0" is 10400, "6.18.44" 61844. 0: none.
 */
int version_number(const char *text);
