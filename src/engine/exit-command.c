/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exit-command.h"

static GPtrArray *begin(const floe_engine *engine, const char *family, const char *verb)
{
    const char *words[] = { engine->program, "--root", engine->root, "--runroot",
                            engine->runroot, family,   verb };
    GPtrArray *argv = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_ptr_array_add(argv, g_strdup(words[i]));
    return argv;
}

static char **finish(GPtrArray *argv, const char *id)
{
    g_ptr_array_add(argv, g_strdup(id));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

char **exit_command_cleanup(const floe_container *ctr)
{
    GPtrArray *argv;

    if (ctr->engine->program == NULL)
        return NULL;
    argv = begin(ctr->engine, "container", "cleanup");
    g_ptr_array_add(argv, g_strdup("--stopped-only"));
    if (ctr->record->config.auto_remove)
        g_ptr_array_add(argv, g_strdup("--rm"));
    return finish(argv, ctr->record->id);
}

char **exit_command_exec(const floe_container *ctr, const char *session_id)
{
    GPtrArray *argv;

    if (ctr->engine->program == NULL)
        return NULL;
    argv = begin(ctr->engine, "container", "cleanup");
    g_ptr_array_add(argv, g_strdup("--exec"));
    g_ptr_array_add(argv, g_strdup(session_id));
    return finish(argv, ctr->record->id);
}

char **exit_command_monitor(const floe_container *ctr)
{
    if (ctr->engine->program == NULL)
        return NULL;
    return finish(begin(ctr->engine, "healthcheck", "monitor"), ctr->record->id);
}

char **exit_command_check(const floe_container *ctr)
{
    GPtrArray *argv;

    if (ctr->engine->program == NULL)
        return NULL;
    argv = begin(ctr->engine, "healthcheck", "monitor");
    g_ptr_array_add(argv, g_strdup("--once"));
    return finish(argv, ctr->record->id);
}
