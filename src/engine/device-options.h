/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What users write of devices: which a container has, which it may make, and how fast some are for it.
 */
#pragma once

#include "state/container-record.h"

/* "/dev/host[:/dev/container][:rwm]": a device or a directory of them. INVALID, NOT_FOUND. */
bool device_parse(const char *text, DeviceConfig **ret_device, GError **error);

/* "c 10:229 rwm"; numbers may be '*'. INVALID. */
bool device_rule_check(const char *text, GError **error);

/* "read-bps=/dev/sda:1048576"; kinds: SpecThrottle's. INVALID, NOT_FOUND. */
bool throttle_parse(const char *text, ThrottleConfig **ret_throttle, GError **error);
