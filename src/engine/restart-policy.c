/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/restart-policy.h"

#include <string.h>

#define NS_PER_MS      G_GINT64_CONSTANT(1000000)
#define FIRST_PAUSE_MS 100
#define LONGEST_MS     (60 * 1000)
/* 100 ms doubled so often is more than the longest pause. */
#define MOST_DOUBLINGS 10
#define LONG_RUN_NS    (G_GINT64_CONSTANT(10) * 1000 * NS_PER_MS)

#define NO             "no"
#define ALWAYS         "always"
#define ON_FAILURE     "on-failure"
#define UNLESS_STOPPED "unless-stopped"

bool restart_policy_is_known(const char *name)
{
    static const char *const names[] = { NO, ALWAYS, ON_FAILURE, UNLESS_STOPPED, NULL };

    return g_strv_contains(names, name);
}

static bool parse_retries(const char *name, const char *text, int *ret_retries, GError **error)
{
    gint64 retries = 0;

    if (!g_str_equal(name, ON_FAILURE))
        return err_set(error, FLOE_ERROR_INVALID,
                       "restart policy retries can only be specified with on-failure restart "
                       "policy, not with '%s'",
                       name);
    if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT, &retries, NULL))
        return err_set(error, FLOE_ERROR_INVALID,
                       "restart policy '%s:%s': the retries are not a number", name, text);
    *ret_retries = (int)retries;
    return true;
}

bool restart_policy_parse(const char *text, char **ret_name, int *ret_retries, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text != NULL && text[0] != '\0' ? text : NO, ":", 2);
    int retries = 0;

    if (!restart_policy_is_known(parts[0]))
        return err_set(error, FLOE_ERROR_INVALID,
                       "\"%s\" is not a valid restart policy (no, always, on-failure[:N], "
                       "unless-stopped)",
                       text);
    if (parts[1] != NULL && !parse_retries(parts[0], parts[1], &retries, error))
        return false;
    *ret_name = g_strdup(parts[0]);
    *ret_retries = retries;
    return true;
}

const char *restart_policy_name(const ContainerConfig *config)
{
    return config->restart_policy != NULL ? config->restart_policy : NO;
}

bool restart_policy_wants(const ContainerConfig *config, const ContainerStatus *status)
{
    const char *name = restart_policy_name(config);

    if (status->stopped_by_user)
        return false;
    if (g_str_equal(name, ON_FAILURE))
        return status->exit_code != 0 &&
               (config->restart_retries == 0 || status->restart_count < config->restart_retries);
    return !g_str_equal(name, NO);
}

void restart_policy_schedule(ContainerStatus *status)
{
    int64_t pause_ms;

    if (status->finished_unix_ns - status->started_unix_ns >= LONG_RUN_NS)
        status->quick_ends = 0;
    pause_ms = (int64_t)FIRST_PAUSE_MS << MIN(status->quick_ends, MOST_DOUBLINGS);
    status->quick_ends = MIN(status->quick_ends, MOST_DOUBLINGS) + 1;
    status->restart_due_unix_ns = status->finished_unix_ns + MIN(pause_ms, LONGEST_MS) * NS_PER_MS;
}

bool restart_policy_starts_on_boot(const ContainerConfig *config, const ContainerStatus *status)
{
    const char *name = restart_policy_name(config);

    if (status->checkpointed)
        return false;
    return g_str_equal(name, ALWAYS) ||
           (g_str_equal(name, UNLESS_STOPPED) && !status->stopped_by_user);
}
