/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of the host given to containers: from before the rules for them are made until after those
 * are gone. A socket that is bound to the port says less: it is gone with the process that has it.
 */
#pragma once

#include "state/container-record.h"
#include "state/database.h"

/*
 * The container, another than `container_id`, that has a port of this row: of the same protocol, at
 * the same address or, one of the two, at all addresses. NULL: none has.
 */
bool port_find_holder(Database *db, const PortConfig *port, const char *container_id,
                      char **ret_holder_id, GError **error);

/* Give it a row of ports, within a transaction in which port_find_holder() found none. */
bool port_take(Database *db, const PortConfig *port, const char *container_id, GError **error);

/* All of a container's. They go with container_delete() too. */
bool port_release(Database *db, const char *container_id, GError **error);
