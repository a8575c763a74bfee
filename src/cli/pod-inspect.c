/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pod-selection.h"
#include "cli/verbs.h"

#include <stdio.h>

static int print_pod(json_t *object, const char *format)
{
    g_autoptr(GError) error = NULL;
    json_auto_t *list = json_pack("[O]", object);

    if (format == NULL || output_is_json(format))
        output_json(object);
    else if (!output_template(format, list, NULL, &error))
        return cli_report_local(error);
    return STATUS_OK;
}

int cmd_pod_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod inspect [options] POD",
        .about = "Print all that is known of a pod, as JSON.",
        .max_words = 1,
    };
    g_autoptr(floe_error) error = NULL;
    const char *format = NULL;
    bool latest = false;
    char *text = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json (the default) or a Go template" },
        { "latest", 'l', OPTION_FLAG, &latest, NULL, "The pod created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (latest == (words[0] != NULL))
        return cli_error(latest ? "--latest and a name exclude each other"
                                : "you must provide the name or id of a pod");

    g_autoptr(floe_pod) pod = pod_selection_one(cli, words[0], latest, &status);
    if (pod == NULL) {
        /* As podman, and as the other objects' inspect: what was found is still JSON. */
        puts("[]");
        return status;
    }
    if (!floe_pod_inspect(pod, &text, &error))
        return cli_report(error);

    json_auto_t *object = document_parse(text);
    return object != NULL ? print_pod(object, format) : STATUS_FLOE_FAILED;
}
