/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default seccomp profile: the containers-common package's /usr/share/containers/seccomp.json (format of Docker and podman, with
 * includes and excludes by capability, architecture and kernel) reduced to the OCI runtime's form for this host.
 */
#pragma once

#include "base/json.h"

/*
 * @profile       NULL: the default one (/etc/containers/seccomp.json, else /usr/share/containers/seccomp.json).
 * @capabilities  the container's, NULL-terminated: rules depend on them.
 * @cache_dir     reduced profiles are kept there by the source's mtime and the capabilities; NULL: none.
 * MISSING_PART when the default is not installed (the text names the package); INVALID for a broken profile.
 */
bool seccomp_load(const char *profile, const char *const *capabilities, const char *cache_dir,
                  json_t **ret_seccomp, GError **error);
