/* SPDX-License-Identifier: Apache-2.0 */
/* `pod checkpoint` and `pod restore`: whole pods into an archive, and out of one. */
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int checkpoint(const floe_pod_checkpoint_options *options, floe_pod *pod)
{
    g_autoptr(floe_error) error = NULL;

    if (!floe_pod_checkpoint(pod, options, &error))
        return cli_report(error);
    if (options->export_path != NULL)
        puts(floe_pod_id(pod));
    return STATUS_OK;
}

int cmd_pod_checkpoint(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod checkpoint [options] POD",
        .about = "Freeze a running pod into an archive, and end it: all containers at one instant,\n"
                 "with the connections between them. If it fails, the pod runs on.",
        .max_words = 1,
    };
    floe_pod_checkpoint_options pod_options = FLOE_POD_CHECKPOINT_OPTIONS_INIT;
    const char *export = NULL;
    bool latest = false;
    char **words;
    int status;
    const Option options[] = {
        { "compress", 'c', OPTION_TEXT, &pod_options.compression, "NAME",
          "Of the archive: zstd (as it is without), gzip, none" },
        { "end-exec-sessions", 0, OPTION_FLAG, &pod_options.end_exec_sessions, NULL,
          "End what exec runs in it; else that is an error" },
        { "export", 'e', OPTION_TEXT, &export, "FILE",
          "Where the archive goes; -: standard output. It has to be said" },
        { "file-locks", 0, OPTION_FLAG, &pod_options.file_locks, NULL, "Also with file locks held" },
        { "ignore-rootfs", 0, OPTION_FLAG, &pod_options.ignore_rootfs, NULL,
          "Leave the files that changed out of the archive" },
        { "ignore-volumes", 0, OPTION_FLAG, &pod_options.ignore_volumes, NULL,
          "Leave the named volumes out of the archive" },
        { "latest", 'l', OPTION_FLAG, &latest, NULL, "The pod created last" },
        { "leave-running", 'R', OPTION_FLAG, &pod_options.leave_running, NULL,
          "Let it run on afterwards" },
        { "tcp-established", 0, OPTION_FLAG, &pod_options.tcp_established, NULL,
          "Also with TCP connections open, those within the pod too" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (latest == (words[0] != NULL))
        return cli_error(latest ? "--latest and a name exclude each other"
                                : "you must provide the name or id of a pod");
    if (export == NULL)
        return cli_error("--export is missing: a pod is frozen into an archive");
    if (strcmp(export, "-") == 0 && isatty(STDOUT_FILENO))
        return cli_error("refusing to export to a terminal: name a file, or redirect it");
    if (strcmp(export, "-") == 0)
        pod_options.export_fd = STDOUT_FILENO;
    else
        pod_options.export_path = export;

    g_autoptr(floe_pod) pod = pod_selection_one(cli, words[0], latest, &status);

    return pod != NULL ? checkpoint(&pod_options, pod) : status;
}

static int restore(Cli *cli, const floe_pod_restore_options *options)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_pod) pod = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_pod_restore(cli->engine, options, &pod, &error))
        return cli_report(error);
    puts(floe_pod_id(pod));
    return STATUS_OK;
}

int cmd_pod_restore(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod restore [options]",
        .about = "Thaw a pod out of its archive: all of its containers go on where they were, or\n"
                 "nothing of it stays.",
    };
    floe_pod_restore_options pod_options = FLOE_POD_RESTORE_OPTIONS_INIT;
    g_auto(GStrv) allow = NULL;
    g_auto(GStrv) publish = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "allow", 0, OPTION_COMMA_LIST, &allow, "WORD",
          "What its containers may have of this host: mounts, privileged, ..., all" },
        { "file-locks", 0, OPTION_FLAG, &pod_options.file_locks, NULL, "With the file locks held" },
        { "ignore-rootfs", 0, OPTION_FLAG, &pod_options.ignore_rootfs, NULL,
          "Without the changes to the images' files" },
        { "ignore-static-ip", 0, OPTION_FLAG, &pod_options.ignore_static_ip, NULL,
          "Any address, not the one it had" },
        { "ignore-static-mac", 0, OPTION_FLAG, &pod_options.ignore_static_mac, NULL,
          "Any MAC address" },
        { "ignore-volumes", 0, OPTION_FLAG, &pod_options.ignore_volumes, NULL,
          "With the volumes that are here, not those in the archive" },
        { "import", 'i', OPTION_TEXT, &pod_options.archive, "FILE",
          "The archive; -: standard input. It has to be said" },
        { "name", 'n', OPTION_TEXT, &pod_options.name, "NAME",
          "A new name, and with it new ids, names of containers, and address" },
        { "publish", 'p', OPTION_COMMA_LIST, &publish, "PORTS", "Instead of the ports that it had" },
        { "tcp-close", 0, OPTION_FLAG, &pod_options.tcp_close, NULL,
          "Without the TCP connections, which programs find closed" },
        { "tcp-established", 0, OPTION_FLAG, &pod_options.tcp_established, NULL,
          "With the TCP connections that were open" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (pod_options.archive == NULL)
        return cli_error("--import is missing: a pod is thawed out of an archive");
    pod_options.allow = list_const(allow);
    pod_options.publish = list_const(publish);
    return restore(cli, &pod_options);
}
