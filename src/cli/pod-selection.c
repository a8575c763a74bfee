/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pod-selection.h"

#include "cli/document.h"
#include "cli/options.h"

#include <stdio.h>

void pod_selection_clear(PodSelection *selection)
{
    g_clear_pointer(&selection->id_files, g_strfreev);
}

static bool has_any(char **list)
{
    return list != NULL && *list != NULL;
}

static bool check(const PodSelection *selection, GError **error)
{
    bool by_name = has_any(selection->names) || has_any(selection->id_files);

    if (selection->all && by_name)
        return cli_set_error(error, "no arguments are needed with --all");
    if (selection->latest && (by_name || selection->all))
        return cli_set_error(error, "--latest excludes --all and names");
    if (!by_name && !selection->all && !selection->latest)
        return cli_set_error(error, "you must provide at least one name or id");
    return true;
}

/* --- which pods ------------------------------------------------------------------------------- */

static int add_listed(Cli *cli, const PodSelection *selection, GPtrArray *names)
{
    json_auto_t *list = document_list(cli, floe_pod_list, selection->filters);
    size_t i;
    json_t *entry;

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    json_array_foreach(list, i, entry) {
        g_ptr_array_add(names, g_strdup(json_string_value(json_object_get(entry, "Id"))));
    }
    return STATUS_OK;
}

static int add_latest(Cli *cli, GPtrArray *names)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_pod) pod = NULL;

    if (!floe_pod_latest(cli->engine, &pod, &error))
        return cli_report(error);
    g_ptr_array_add(names, g_strdup(floe_pod_id(pod)));
    return STATUS_OK;
}

static int add_named(const PodSelection *selection, GPtrArray *names)
{
    for (char **path = selection->id_files; path != NULL && *path != NULL; path++) {
        g_autoptr(GError) error = NULL;
        char *id = NULL;

        if (!g_file_get_contents(*path, &id, NULL, &error))
            return cli_error("read pod id file %s: %s", *path, cli_file_reason(error));
        g_ptr_array_add(names, g_strstrip(id));
    }
    for (char **name = selection->names; name != NULL && *name != NULL; name++)
        g_ptr_array_add(names, g_strdup(*name));
    return STATUS_OK;
}

static int collect(Cli *cli, const PodSelection *selection, GPtrArray *names)
{
    g_autoptr(GError) wrong = NULL;

    if (!check(selection, &wrong))
        return cli_report_local(wrong);
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (selection->all)
        return add_listed(cli, selection, names);
    return selection->latest ? add_latest(cli, names) : add_named(selection, names);
}

/* --- each of them ----------------------------------------------------------------------------- */

static void tell_failure(const char *container_id, const floe_error *error, void *data)
{
    cli_error("container %s: %s", container_id, floe_error_get_message(error));
}

/* One of --all may be gone by now. */
static bool is_no_failure(const PodSelection *selection, const floe_error *error)
{
    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND &&
           (selection->all || selection->ignore);
}

static int do_one(Cli *cli, const PodSelection *selection, const char *name, PodAction action,
                  const floe_pod_options *options)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_pod) pod = NULL;

    if (floe_pod_lookup(cli->engine, name, &pod, &error) && action(pod, options, &error)) {
        puts(floe_pod_id(pod));
        return STATUS_OK;
    }
    if (is_no_failure(selection, error))
        return STATUS_OK;

    int status = cli_report(error);
    return selection->status_of != NULL ? selection->status_of(error) : status;
}

int pod_selection_each(Cli *cli, const PodSelection *selection, PodAction action,
                       const floe_pod_options *options)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    floe_pod_options telling = *options;
    int status = collect(cli, selection, names);

    if (status != STATUS_OK)
        return status;
    telling.failed = tell_failure;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);

        status = status_after(status, do_one(cli, selection, name, action, &telling));
    }
    return status;
}

floe_pod *pod_selection_one(Cli *cli, const char *name, bool latest, int *ret_status)
{
    g_autoptr(floe_error) error = NULL;
    floe_pod *pod = NULL;
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL) {
        *ret_status = STATUS_FLOE_FAILED;
        return NULL;
    }
    if (!(latest ? floe_pod_latest(engine, &pod, &error)
                 : floe_pod_lookup(engine, name, &pod, &error)))
        *ret_status = cli_report(error);
    return pod;
}

/* --- their containers ------------------------------------------------------------------------- */

static bool add_containers(Cli *cli, const char *name, bool with_infra, char ***ids,
                           floe_error **error)
{
    g_autoptr(floe_pod) pod = NULL;
    char *text = NULL;
    size_t i;
    json_t *entry;

    if (!floe_pod_lookup(cli->engine, name, &pod, error) || !floe_pod_inspect(pod, &text, error))
        return false;

    json_auto_t *object = document_parse(text);
    const char *infra = json_string_value(json_object_get(object, "InfraContainerID"));
    json_array_foreach(json_object_get(object, "Containers"), i, entry) {
        const char *id = json_string_value(json_object_get(entry, "Id"));

        if (with_infra || g_strcmp0(id, infra) != 0)
            list_add(ids, id);
    }
    return true;
}

bool pod_selection_containers(Cli *cli, const PodSelection *selection, bool with_infra,
                              char ***ret_ids, int *ret_status)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) ids = g_new0(char *, 1);

    *ret_status = collect(cli, selection, names);
    if (*ret_status != STATUS_OK)
        return false;
    for (guint i = 0; i < names->len; i++) {
        g_autoptr(floe_error) error = NULL;

        if (!add_containers(cli, g_ptr_array_index(names, i), with_infra, &ids, &error)) {
            *ret_status = cli_report(error);
            return false;
        }
    }
    *ret_ids = g_steal_pointer(&ids);
    return true;
}

bool pod_selection_ids(Cli *cli, const PodSelection *selection, char ***ret_ids, int *ret_status)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) ids = g_new0(char *, 1);

    *ret_status = collect(cli, selection, names);
    for (guint i = 0; *ret_status == STATUS_OK && i < names->len; i++) {
        g_autoptr(floe_pod) pod = pod_selection_one(cli, g_ptr_array_index(names, i), false,
                                                    ret_status);

        if (pod != NULL)
            list_add(&ids, floe_pod_id(pod));
    }
    if (*ret_status != STATUS_OK)
        return false;
    *ret_ids = g_steal_pointer(&ids);
    return true;
}
