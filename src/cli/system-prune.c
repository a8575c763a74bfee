/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody uses, of all kinds: containers first, for they use the others. */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/human.h"
#include "cli/options.h"
#include "cli/removal.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

typedef struct PruneOptions {
    char **filters; /* owned */
    bool all, volumes;
} PruneOptions;

/* --- room ------------------------------------------------------------------------------------- */

static int64_t sum_sizes(const json_t *rows)
{
    int64_t sum = 0;
    json_t *row;
    size_t i;

    json_array_foreach((json_t *)rows, i, row)
        sum += field_integer(row, "Size");
    return sum;
}

/* All that floe keeps, in bytes. False: the error is printed. */
static bool measure(Cli *cli, int64_t *ret_bytes)
{
    json_auto_t *usage = document_of_engine(cli, floe_engine_disk_usage);

    *ret_bytes = field_integer(usage, "ImagesSize") + field_integer(usage, "BuildCache") +
                 sum_sizes(json_object_get(usage, "Containers")) +
                 sum_sizes(json_object_get(usage, "Volumes"));
    return usage != NULL;
}

/* --- the kinds -------------------------------------------------------------------------------- */

/* Taken over. */
static void print_deleted(const char *kind, char **names)
{
    if (names[0] != NULL)
        printf("Deleted %s\n", kind);
    removal_print_taken(names);
}

/* The ids of a list, the newest first; without infra containers, which go with their pods. */
static char **ids_of(const json_t *list)
{
    GPtrArray *ids = g_ptr_array_new();

    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *row = json_array_get(list, i);

        if (!json_is_true(json_object_get(row, "IsInfra")))
            g_ptr_array_add(ids, g_strdup(field_text(row, "Id")));
    }
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_free(ids, FALSE);
}

/* One that has been started or removed meanwhile, or that another needs, stays. */
static bool is_no_failure(const floe_error *error)
{
    floe_error_code code = floe_error_get_code(error);

    return code == FLOE_ERROR_BAD_STATE || code == FLOE_ERROR_NOT_FOUND ||
           code == FLOE_ERROR_REMOVED || code == FLOE_ERROR_IN_USE;
}

static bool remove_pod(floe_engine *engine, const char *id, floe_error **error)
{
    floe_pod *pod = NULL;
    bool ok = floe_pod_lookup(engine, id, &pod, error) && floe_pod_remove(pod, NULL, error);

    floe_pod_free(pod);
    return ok;
}

static bool remove_container(floe_engine *engine, const char *id, floe_error **error)
{
    g_autoptr(floe_container) container = NULL;

    return floe_container_lookup(engine, id, &container, error) &&
           floe_container_remove(container, NULL, error);
}

/* Takes over the list; NULL: there is none, which has been told. */
static bool remove_listed(floe_engine *engine, const char *kind, json_t *taken_list,
                          bool (*remove)(floe_engine *, const char *, floe_error **))
{
    json_auto_t *list = taken_list;
    g_auto(GStrv) ids = ids_of(list);
    bool is_first = true;

    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(floe_error) error = NULL;

        if (remove(engine, *id, &error)) {
            if (is_first)
                printf("Deleted %s\n", kind);
            puts(*id);
            is_first = false;
        } else if (!is_no_failure(error)) {
            cli_report(error);
            return false;
        }
    }
    return list != NULL;
}

static bool prune_pods(Cli *cli, const PruneOptions *prune)
{
    static const char *const ended[] = { "status=exited", "status=stopped", NULL };

    if (prune->filters != NULL) /* their labels are not looked at by podman either */
        return true;
    return remove_listed(cli->engine, "Pods", document_list(cli, floe_pod_list, ended), remove_pod);
}

static bool prune_containers(Cli *cli, const PruneOptions *prune)
{
    static const char *const states[] = { "status=created", "status=initialized", "status=stopped",
                                          "status=exited" };
    floe_list_options options = FLOE_LIST_OPTIONS_INIT;
    g_autoptr(GPtrArray) filters = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        g_ptr_array_add(filters, (char *)states[i]);
    for (char **filter = prune->filters; filter != NULL && *filter != NULL; filter++)
        g_ptr_array_add(filters, *filter);
    g_ptr_array_add(filters, NULL);
    options.all = true;
    options.filters = (const char *const *)filters->pdata;
    return remove_listed(cli->engine, "Containers", document_containers(cli, &options),
                         remove_container);
}

static bool prune_others(floe_engine *engine, const PruneOptions *prune, floe_error **error)
{
    floe_image_prune_options images = FLOE_IMAGE_PRUNE_OPTIONS_INIT;
    const char *const *filters = list_const(prune->filters);
    char **gone = NULL;

    images.all = prune->all;
    images.filters = filters;
    if (prune->volumes) {
        if (!floe_volume_prune(engine, filters, &gone, error))
            return false;
        print_deleted("Volumes", gone);
    }
    if (!floe_image_prune(engine, &images, &gone, error))
        return false;
    print_deleted("Images", gone);
    if (!floe_network_prune(engine, filters, &gone, error))
        return false;
    print_deleted("Networks", gone);
    return prune->filters != NULL || floe_build_cache_prune(engine, prune->all, error);
}

/* --- the verb --------------------------------------------------------------------------------- */

static int prune_system(Cli *cli, const PruneOptions *prune)
{
    g_autoptr(floe_error) error = NULL;
    g_autofree char *size = NULL;
    int64_t before = 0, after = 0;

    if (!measure(cli, &before) || !prune_pods(cli, prune) || !prune_containers(cli, prune))
        return STATUS_FLOE_FAILED;
    if (!prune_others(cli->engine, prune, &error))
        return cli_report(error);
    if (!measure(cli, &after))
        return STATUS_FLOE_FAILED;
    size = human_size_tight((double)MAX(before - after, 0));
    printf("Total reclaimed space: %s\n", size);
    return STATUS_OK;
}

static bool ask(const PruneOptions *prune, bool *ret_yes, GError **error)
{
    g_autofree char *warning = g_strconcat(
        "This command removes:\n"
        "\t- all stopped containers, and pods whose containers have ended\n"
        "\t- all networks not used by at least one container\n",
        prune->volumes ? "\t- all volumes not used by at least one container\n" : "",
        prune->all ? "\t- all images without at least one container associated with them\n"
                     "\t- all build cache\n"
                   : "\t- all dangling images\n"
                     "\t- all dangling build cache\n",
        NULL);

    return cli_ask(warning, ret_yes, error);
}

int cmd_system_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "system prune [options]",
        .about = "Remove what nobody uses: containers that have ended, pods, networks, images\n"
                 "without a name, and (--volumes) volumes.",
    };
    PruneOptions prune = { 0 };
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &prune.all, NULL, "Images that have a name, too" },
        { "filter", 0, OPTION_LIST, &prune.filters, "KEY=VALUE",
          "Only those that match: label, label!, until" },
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        { "volumes", 0, OPTION_FLAG, &prune.volumes, NULL, "Volumes, too" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    g_auto(GStrv) filters = prune.filters;

    if (!removal_check_filters(filters, &error) || (!yes && !ask(&prune, &yes, &error)))
        return cli_report_local(error);
    if (!yes)
        return STATUS_OK;
    return prune_system(cli, &prune);
}
