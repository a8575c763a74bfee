/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a container's configuration and status, for the way to JSON and back. */
#pragma once

#include "base/json.h"

extern const JsonStruct container_config_fields;

/* The elements of both lists of networks. */
extern const JsonStruct network_config_fields;
extern const JsonStruct network_status_fields;

/* Without `state`, which has a column of its own. */
extern const JsonStruct container_status_fields;
