/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of systemd's slices and scopes, and where their cgroups are (systemd.slice(5)). A slice
 * tells by its name in which ones it is: "a-b.slice" is in "a.slice".
 */
#pragma once

#include "base/error.h"

/*
 * The cgroup of a slice: "machine-x.slice" is "/machine.slice/machine-x.slice". INVALID: no slice's
 * name.
 */
bool systemd_slice_cgroup(const char *slice, char **ret_path, GError **error);

/* The name of a slice in another: "machine.slice" and "x" are "machine-x.slice". No '-' in the name. */
char *systemd_slice_within(const char *slice, const char *name);

/*
 * A processor list ("0-3,5") as systemd wants it: a bit each, the lowest first. INVALID.
 */
bool systemd_cpu_mask(const char *list, GByteArray **ret_mask, GError **error);
