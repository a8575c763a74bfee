/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/freeze-stats.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct Restore {
    floe_restore_options options;
    floe_archive_restore_options import;
    char **allow;
    char **publish;
    bool are_images;    /* the names are those of checkpoint images */
    json_t *statistics; /* one entry per container; NULL: names are printed */
} Restore;

static void add_statistics(json_t *list, const floe_container *container, const char *label,
                           const floe_restore_stats *stats)
{
    json_t *criu = json_object();

    freeze_stats_set(criu, "pages_compared", stats->pages_compared);
    freeze_stats_set(criu, "pages_skipped_cow", stats->pages_skipped_cow);
    freeze_stats_set(criu, "forking_time", stats->forking_us);
    freeze_stats_set(criu, "restore_time", stats->restore_us);
    freeze_stats_set(criu, "pages_restored", stats->pages_restored);
    json_array_append_new(list,
                          freeze_stats_entry(floe_container_id(container),
                                             floe_container_name(container), label,
                                             "runtime_restore_duration", stats->runtime_us, criu));
}

static bool thaw(floe_container *container, const char *label, void *data, floe_error **error)
{
    const Restore *restore = data;
    floe_restore_stats stats = FLOE_RESTORE_STATS_INIT;

    if (!floe_container_restore(container, &restore->options, &stats, error))
        return false;
    if (restore->statistics != NULL)
        add_statistics(restore->statistics, container, label, &stats);
    else
        puts(label);
    return true;
}

static void restore_clear(Restore *restore)
{
    g_strfreev(restore->allow);
    g_strfreev(restore->publish);
    json_decref(restore->statistics);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Restore, restore_clear)

/* --- flags that exclude each other, or need each other ---------------------------------------- */

static int check_import(const Restore *restore, const Selection *selection)
{
    if (selection->all || selection->latest)
        return cli_error("--import cannot be used with --all or --latest");
    if (selection->names[0] != NULL)
        return cli_error("--import cannot be used with a container's name: the archive says which "
                         "container it is (--name gives it another name)");
    if (restore->import.name != NULL && restore->options.tcp_established)
        return cli_error("--tcp-established cannot be used with --name: connections belong to an "
                         "address, and a container with a new name gets a new one");
    return STATUS_OK;
}

static int check_flags(const Restore *restore, const Selection *selection)
{
    const floe_archive_restore_options *import = &restore->import;
    const struct {
        const char *name;
        bool is_given;
    } of_import[] = {
        { "--import-previous", import->previous != NULL },
        { "--ignore-rootfs", import->ignore_rootfs },
        { "--ignore-volumes", import->ignore_volumes },
        { "--name", import->name != NULL },
        { "--pod", import->pod != NULL },
        { "--network", import->network != NULL },
        { "--publish", restore->publish != NULL },
        { "--allow", restore->allow != NULL },
    };

    if (import->archive != NULL)
        return check_import(restore, selection);
    if (restore->are_images)
        return import->name == NULL || selection->names[1] == NULL
                   ? STATUS_OK
                   : cli_error("--name can only be used with one image");
    for (size_t i = 0; i < G_N_ELEMENTS(of_import); i++) {
        if (of_import[i].is_given)
            return cli_error("%s can only be used with --import, or the image of a checkpoint",
                             of_import[i].name);
    }
    return STATUS_OK;
}

/* --- an archive ------------------------------------------------------------------------------- */

static int import(Cli *cli, Restore *restore)
{
    floe_archive_restore_options *options = &restore->import;
    floe_restore_stats stats = FLOE_RESTORE_STATS_INIT;
    g_autoptr(floe_container) container = NULL;
    g_autoptr(floe_error) error = NULL;
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    options->keep = restore->options.keep;
    options->tcp_established = restore->options.tcp_established;
    options->tcp_close = restore->options.tcp_close;
    options->file_locks = restore->options.file_locks;
    options->ignore_static_ip = restore->options.ignore_static_ip;
    options->ignore_static_mac = restore->options.ignore_static_mac;
    options->publish = list_const(restore->publish);
    options->allow = list_const(restore->allow);
    if (!floe_archive_restore(engine, options, &stats, &container, &error))
        return cli_report(error);
    if (restore->statistics != NULL)
        add_statistics(restore->statistics, container, floe_container_id(container), &stats);
    else
        puts(floe_container_id(container));
    return STATUS_OK;
}

static int import_images(Cli *cli, Restore *restore, char **names)
{
    int status = STATUS_OK;

    for (; *names != NULL; names++) {
        restore->import.image = *names;
        if (import(cli, restore) != STATUS_OK)
            status = STATUS_FLOE_FAILED;
    }
    return status;
}

/* A name that is no container's may be an image's; of several names all are one or the other. */
static bool are_images(Cli *cli, char **names)
{
    floe_engine *engine = names[0] != NULL ? cli_engine(cli) : NULL;

    for (; engine != NULL && *names != NULL; names++) {
        g_autoptr(floe_container) container = NULL;
        auto_floe_free char *json = NULL;

        if (floe_container_lookup(engine, *names, &container, NULL) ||
            !floe_image_inspect(engine, *names, &json, NULL))
            return false;
    }
    return engine != NULL;
}

static int restore_all(Cli *cli, Restore *restore, const Selection *selection)
{
    if (restore->import.archive != NULL)
        return import(cli, restore);
    if (restore->are_images)
        return import_images(cli, restore, selection->names);
    return selection_each(cli, selection, thaw, restore);
}

int cmd_restore(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "restore [options] [CONTAINER|IMAGE...]",
        .about = "Thaw checkpointed containers: their processes go on where they were. If it\n"
                 "fails, the checkpoint stays and can be tried again. With --import, make the\n"
                 "container of a checkpoint archive first, floe's or podman's; an image that holds\n"
                 "a checkpoint is as good as an archive.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .all_states = STATE_BIT(FLOE_STATE_EXITED) };
    g_auto(Restore) restore = {
        .options = FLOE_RESTORE_OPTIONS_INIT,
        .import = FLOE_ARCHIVE_RESTORE_OPTIONS_INIT,
    };
    bool print_stats = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Restore all checkpointed containers" },
        { "allow", 0, OPTION_COMMA_LIST, &restore.allow, "WORD",
          "Let the archive's container have more of this host: mounts, privileged, capabilities, "
          "namespaces, seccomp, annotations, image, host, all" },
        { "file-locks", 0, OPTION_FLAG, &restore.options.file_locks, NULL,
          "With the file locks they held" },
        { "ignore-rootfs", 0, OPTION_FLAG, &restore.import.ignore_rootfs, NULL,
          "Without the archive's changes to the image's files" },
        { "ignore-static-ip", 0, OPTION_FLAG, &restore.options.ignore_static_ip, NULL,
          "With any address, not the one they had" },
        { "ignore-static-mac", 0, OPTION_FLAG, &restore.options.ignore_static_mac, NULL,
          "With any MAC address, not the one they had" },
        { "ignore-volumes", 0, OPTION_FLAG, &restore.import.ignore_volumes, NULL,
          "With the volumes that are here, not the archive's" },
        { "import", 'i', OPTION_TEXT, &restore.import.archive, "FILE",
          "Restore from an archive (-: standard input)" },
        { "import-previous", 0, OPTION_TEXT, &restore.import.previous, "FILE",
          "The archive of the pre-checkpoint that it goes on from" },
        { "keep", 'k', OPTION_FLAG, &restore.options.keep, NULL,
          "Keep the checkpoint, to restore it again" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL,
          "Restore the container created last" },
        { "name", 'n', OPTION_TEXT, &restore.import.name, "NAME",
          "With another name, a new id and a new address" },
        { "network", 0, OPTION_TEXT, &restore.import.network, "NAME[:ip=,mac=]",
          "In another network than the archive's" },
        { "pod", 0, OPTION_TEXT, &restore.import.pod, "POD", "Into this pod" },
        { "print-stats", 0, OPTION_FLAG, &print_stats, NULL, "Print how long it took, as JSON" },
        { "publish", 'p', OPTION_COMMA_LIST, &restore.publish, "PORTS",
          "With these ports of the host instead of the archive's" },
        { "tcp-close", 0, OPTION_FLAG, &restore.options.tcp_close, NULL,
          "Without the TCP connections they had: programs find them closed" },
        { "tcp-established", 0, OPTION_FLAG, &restore.options.tcp_established, NULL,
          "With the TCP connections they had" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    restore.are_images = restore.import.archive == NULL && !selection.all && !selection.latest &&
                         are_images(cli, selection.names);
    status = check_flags(&restore, &selection);
    if (status != STATUS_OK)
        return status;
    restore.statistics = print_stats ? json_array() : NULL;
    int64_t begin_us = g_get_monotonic_time();
    status = restore_all(cli, &restore, &selection);
    if (print_stats)
        freeze_stats_print("podman_restore_duration", g_get_monotonic_time() - begin_us,
                           restore.statistics);
    return status;
}
