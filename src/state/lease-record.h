/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses given to containers. One row an address and network, so none is given twice, whoever
 * asks at the same time.
 */
#pragma once

#include "state/database.h"

/* The addresses in use on a network, as text. */
bool lease_list(Database *db, const char *network, char ***ret_addresses, GError **error);

/* The last address of a subnet that floe chose, in use or not; NULL when there was none. */
bool lease_get_last(Database *db, const char *network, const char *subnet, char **ret_address,
                    GError **error);
bool lease_set_last(Database *db, const char *network, const char *subnet, const char *address,
                    GError **error);

/*
 * EXISTS when another container has it: the text names the container. Taking one's own again is
 * success. NOT_FOUND: no such container.
 */
bool lease_take(Database *db, const char *network, const char *address, const char *container_id,
                GError **error);

/* All of a container's. They go with container_delete() too. */
bool lease_release(Database *db, const char *container_id, GError **error);

/* Those of a container on one network. */
bool lease_release_on(Database *db, const char *network, const char *container_id, GError **error);
