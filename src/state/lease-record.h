/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses given to containers. One row an address and network, so none is given twice, whoever
 * asks at the same time.
 */
#pragma once

#include "state/database.h"

/* The addresses in use on a network, as text. */
bool lease_list(Database *db, const char *network, char ***ret_addresses, GError **error);

/* The last address that was given on the network, in use or not; NULL when none was. */
bool lease_last(Database *db, const char *network, char **ret_address, GError **error);

/*
 * EXISTS when another container has it: the text names the container. Taking one's own again is
 * success. NOT_FOUND: no such container.
 */
bool lease_take(Database *db, const char *network, const char *address, const char *container_id,
                GError **error);

/* All of a container's. They go with container_delete() too. */
bool lease_release(Database *db, const char *container_id, GError **error);
