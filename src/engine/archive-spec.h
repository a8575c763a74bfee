/* SPDX-License-Identifier: Apache-2.0 */
/* spec.dump: a container's config.json, without what is of this host only. */
#pragma once

#include "engine/container.h"

/* The container has to have been started. *ret_text: g_free(). */
bool archive_spec(const floe_container *ctr, char **ret_text, GError **error);
