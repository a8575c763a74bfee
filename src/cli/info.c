/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/yaml.h"

#include <stdio.h>

/* Two fields of podman's Go structs have other names than in its JSON; templates go by the former. */
static void add_go_names(json_t *info)
{
    json_t *host = json_object_get(info, "host");
    json_t *security = json_object_get(host, "security");

    json_object_set(host, "CgroupsVersion", json_object_get(host, "cgroupVersion"));
    json_object_set(security, "DefaultCapabilities", json_object_get(security, "capabilities"));
}

static bool print_info(json_t *info, const char *format, GError **error)
{
    if (format == NULL) {
        g_autoptr(GString) yaml = g_string_new(NULL);

        yaml_append(yaml, info);
        fputs(yaml->str, stdout);
        return true;
    }
    if (output_is_json(format)) {
        output_json(info);
        return true;
    }

    add_go_names(info);
    json_auto_t *list = json_pack("[O]", info);
    return output_template(format, list, NULL, error);
}

int cmd_info(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "info [options]",
        .about = "Tell about the host, floe's store and the parts that floe uses.",
    };
    g_autoptr(GError) wrong = NULL;
    const char *format = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "debug", 'D', OPTION_FLAG, NULL, NULL, NULL },
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE",
          "json or a Go template; YAML is printed without it" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    json_auto_t *info = document_of_engine(cli, floe_engine_info);

    if (info == NULL)
        return STATUS_FLOE_FAILED;
    return print_info(info, format, &wrong) ? STATUS_OK : cli_report_local(wrong);
}
