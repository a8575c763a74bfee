/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a restart policy says: whether a container that has ended is to run again, and when. Only
 * decisions; restart.c acts on them.
 */
#pragma once

#include "state/container-record.h"

/*
 * "no", "always", "unless-stopped", "on-failure" or "on-failure:N"; NULL and "" are "no". INVALID.
 * @ret_retries  0: any number.
 */
bool restart_policy_parse(const char *text, char **ret_name, int *ret_retries, GError **error);

/* Is the name one of the four? */
bool restart_policy_is_known(const char *name);

/* "no" where none was asked for. */
const char *restart_policy_name(const ContainerConfig *config);

/* Is the container, whose end the status tells of, to run again? */
bool restart_policy_wants(const ContainerConfig *config, const ContainerStatus *status);

/*
 * The moment when it runs again, and the count of quick ends that this depends on: 100 ms after the
 * end, twice as long after each further quick one, a minute at most. Who ran for 10 s begins anew.
 */
void restart_policy_schedule(ContainerStatus *status);

/* Is it to run when the host has started? Not what was frozen: to start it would lose that. */
bool restart_policy_starts_on_boot(const ContainerConfig *config, const ContainerStatus *status);
