/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/selection.h"

#include "cli/document.h"

#include <stdio.h>

void selection_clear(Selection *selection)
{
    g_clear_pointer(&selection->cidfiles, g_strfreev);
    g_clear_pointer(&selection->filters, g_strfreev);
}

static bool has_any(char **list)
{
    return list != NULL && *list != NULL;
}

static bool check(const Selection *selection, GError **error)
{
    bool by_name = has_any(selection->names) || has_any(selection->cidfiles);
    bool by_rule = selection->all || has_any(selection->filters);

    if (by_name + by_rule + selection->latest > 1)
        return cli_set_error(error, "names, --latest and --all (or --filter) exclude each other");
    if (!by_name && !by_rule && !selection->latest)
        return cli_set_error(error, "you must provide at least one name or id");
    return true;
}

/* The jobs for the selected containers, and how they have gone so far. */
typedef struct Walk {
    Cli *cli;
    const Selection *selection;
    JobList *list;
    int status;
} Walk;

static bool is_wrong_state(const floe_error *error)
{
    switch (floe_error_get_code(error)) {
    case FLOE_ERROR_BAD_STATE:
    case FLOE_ERROR_STOPPED:
    case FLOE_ERROR_RUNNING: return true;
    default: return false;
    }
}

static bool is_gone(const floe_error *error)
{
    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ||
           floe_error_get_code(error) == FLOE_ERROR_REMOVED;
}

static void failed(Walk *walk, const floe_error *error)
{
    int status = cli_report(error);

    walk->status = walk->selection->status_of != NULL ? walk->selection->status_of(error) : status;
}

/* One of --all may go, or change its state, between the list and the action. */
static bool is_no_failure(const Selection *selection, const Job *job)
{
    if (job->is_listed)
        return is_gone(job->error) || (selection->skip_wrong_state && is_wrong_state(job->error));
    return !job->is_found && selection->ignore &&
           floe_error_get_code(job->error) == FLOE_ERROR_NOT_FOUND;
}

static void tell(const Job *job, void *data)
{
    Walk *walk = data;

    if (job->error != NULL && !is_no_failure(walk->selection, job))
        failed(walk, job->error);
    else if (job->error == NULL && walk->selection->print_labels)
        puts(job->label);
}

static void add_cidfile(Walk *walk, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = NULL;

    if (g_file_get_contents(path, &id, NULL, &error))
        job_list_add(walk->list, g_strstrip(id), false);
    else if (!walk->selection->ignore || !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        walk->status = cli_error("read container id file %s: %s", path, cli_file_reason(error));
}

static bool state_is_wanted(const Selection *selection, const json_t *entry)
{
    const char *name = json_string_value(json_object_get(entry, "State"));

    if (selection->all_states == 0 ||
        (selection->restarting_too && json_is_true(json_object_get(entry, "Restarting"))))
        return true;
    for (unsigned state = FLOE_STATE_UNKNOWN; state <= FLOE_STATE_STOPPING; state++) {
        if ((selection->all_states & STATE_BIT(state)) != 0 &&
            g_strcmp0(floe_container_state_name(state), name) == 0)
            return true;
    }
    return false;
}

static void add_all(Walk *walk)
{
    floe_list_options options = FLOE_LIST_OPTIONS_INIT;

    options.all = true;
    options.filters = (const char *const *)walk->selection->filters;

    json_auto_t *list = document_containers(walk->cli, &options);
    if (list == NULL) {
        walk->status = STATUS_FLOE_FAILED;
        return;
    }

    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        json_t *entry = json_array_get(list, walk->selection->newest_first ? n - 1 - i : i);
        const char *id = json_string_value(json_object_get(entry, "Id"));

        if (id != NULL && state_is_wanted(walk->selection, entry) &&
            !(walk->selection->without_infra && json_is_true(json_object_get(entry, "IsInfra"))))
            job_list_add(walk->list, id, true);
    }
}

static void add_latest(Walk *walk)
{
    g_autoptr(floe_container) container = NULL;
    g_autoptr(floe_error) error = NULL;

    if (floe_container_latest(walk->cli->engine, &container, &error))
        job_list_add(walk->list, floe_container_id(container), false);
    else
        failed(walk, error);
}

static void add_selected(Walk *walk)
{
    const Selection *selection = walk->selection;

    if (selection->latest) {
        add_latest(walk);
    } else if (selection->all || has_any(selection->filters)) {
        add_all(walk);
    } else {
        for (char **path = selection->cidfiles; path != NULL && *path != NULL; path++)
            add_cidfile(walk, *path);
        for (char **name = selection->names; name != NULL && *name != NULL; name++)
            job_list_add(walk->list, *name, false);
    }
}

int selection_each(Cli *cli, const Selection *selection, JobAction action, void *data)
{
    g_autoptr(GError) wrong = NULL;
    Walk walk = { .cli = cli, .selection = selection };
    g_auto(JobList) list = {
        .jobs = job_array_new(),
        .action = action,
        .action_data = data,
        .tell = tell,
        .tell_data = &walk,
        .at_once = selection->at_once,
    };

    walk.list = &list;
    if (!check(selection, &wrong))
        return cli_report_local(wrong);
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    add_selected(&walk);
    if (selection->too_many != NULL && list.jobs->len > 1)
        return cli_error("%s, and these are %u", selection->too_many, list.jobs->len);
    job_list_do(&list, cli);
    return walk.status;
}

floe_container *selection_one(Cli *cli, const char *name, bool latest, int *ret_status)
{
    g_autoptr(floe_error) error = NULL;
    floe_container *container = NULL;
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL) {
        *ret_status = STATUS_FLOE_FAILED;
        return NULL;
    }
    if (!(latest ? floe_container_latest(engine, &container, &error)
                 : floe_container_lookup(engine, name, &container, &error)))
        *ret_status = cli_report(error);
    return container;
}
