/* SPDX-License-Identifier: Apache-2.0 */
/* The host's devices that a container has, may use, and how fast some are for it. */
#pragma once

#include "base/json.h"

/*
 * All device nodes below a directory (the host's /dev), by name. Left out is what the runtime makes
 * anew in each container: ptys, /dev/ptmx, /dev/console, /dev/shm, /dev/mqueue.
 */
bool spec_list_host_devices(const char *directory, json_t **ret_devices, GError **error);

typedef struct SpecDevice {
    const char *source;      /* on the host: a device, or a directory of them */
    const char *destination; /* in the container */
    const char *access;      /* of "rwm" */
} SpecDevice;

/* Add what there is of it to "linux.devices", and a rule for each to "resources.devices". NOT_FOUND. */
bool spec_add_device(const SpecDevice *device, json_t *devices, json_t *rules, GError **error);

/* "c 10:229 rwm", "a *:* r": a rule that allows it, of "resources.devices". INVALID. */
bool spec_device_rule(const char *text, json_t **ret_rule, GError **error);

typedef struct SpecThrottle {
    const char *kind; /* "weight", "read-bps", "write-bps", "read-iops", "write-iops" */
    const char *path; /* of a block device */
    int64_t rate;
} SpecThrottle;

/* Add it to "resources.blockIO", which is made if it is not there. NOT_FOUND, INVALID. */
bool spec_add_throttle(const SpecThrottle *throttle, json_t *resources, GError **error);
