/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/logs-merge.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/value.h"
#include "cli/verbs.h"

#include <unistd.h>

static bool print_log(floe_container *container, const char *label, void *data, floe_error **error)
{
    g_autoptr(floe_error) why = NULL;

    if (floe_container_logs(container, data, STDOUT_FILENO, STDERR_FILENO, &why))
        return true;
    /* `floe logs | head`: the reader has what it wanted. */
    if (floe_error_get_code(why) == FLOE_ERROR_IO && cli_stdout_is_gone())
        return true;
    *error = g_steal_pointer(&why);
    return false;
}

static bool read_time(const char *flag, const char *text, int64_t *ret_unix_ns, GError **error)
{
    if (text == NULL || value_time(text, g_get_real_time() * 1000, ret_unix_ns, error))
        return true;
    g_prefix_error(error, "invalid argument '%s' for %s: ", text, flag);
    return false;
}

int cmd_logs(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "logs [options] CONTAINER...",
        .about = "Print what containers have written to standard output and error. Of several\n"
                 "each line begins with the id of the one that wrote it.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    floe_logs_options logs = FLOE_LOGS_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;
    const char *since = NULL, *until = NULL;
    LogsStyle style = { .colored = isatty(STDOUT_FILENO) };
    int status;
    const Option options[] = {
        { "color", 0, OPTION_FLAG, &style.colored, NULL,
          "Several containers in colours (default on a terminal)" },
        { "follow", 'f', OPTION_FLAG, &logs.follow, NULL, "Go on until the container ends" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        { "names", 'n', OPTION_FLAG, &style.by_name, NULL,
          "Of several containers the names before each line, not the ids" },
        { "since", 0, OPTION_TEXT, &since, "TIME",
          "From this time on: a date, or a duration before now (10m)" },
        { "tail", 0, OPTION_INTEGER, &logs.tail, "N", "Only the last N lines" },
        { "timestamps", 't', OPTION_FLAG, &logs.timestamps, NULL, "With the time of each line" },
        { "until", 0, OPTION_TEXT, &until, "TIME", "Up to this time" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (!read_time("--since", since, &logs.since_unix_ns, &error) ||
        !read_time("--until", until, &logs.until_unix_ns, &error))
        return cli_report_local(error);
    logs.tail = MAX(logs.tail, -1);
    if (!selection.latest && selection.names[0] != NULL && selection.names[1] != NULL)
        return logs_merge(cli, selection.names, &logs, &style);
    return selection_each(cli, &selection, print_log, &logs);
}
