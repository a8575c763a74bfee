/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* "linux/amd64": the architecture by Go's names, as podman prints it. */
static char *os_and_arch(void)
{
    static const struct {
        const char *machine, *name;
    } names[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" },   { "armv7l", "arm" },
                  { "i686", "386" },     { "ppc64le", "ppc64le" }, { "s390x", "s390x" } };
    struct utsname host;

    if (uname(&host) != 0)
        return g_strdup("linux");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].machine, host.machine) == 0)
            return g_strconcat("linux/", names[i].name, NULL);
    }
    return g_strconcat("linux/", host.machine, NULL);
}

int cmd_version(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "version [options]",
        .about = "Print floe's version.",
    };
    g_autoptr(GError) error = NULL;
    const char *format = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json or a Go template" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    g_autofree char *os_arch = os_and_arch();
    if (format == NULL) {
        printf("Client:       floe\nVersion:      %s\nAPI Version:  %s\nOS/Arch:      %s\n",
               floe_version(), floe_version(), os_arch);
        return STATUS_OK;
    }

    json_auto_t *list = json_pack("[{s:{s:s, s:s, s:s, s:s}}]", "Client", "APIVersion",
                                  floe_version(), "Version", floe_version(), "OsArch", os_arch,
                                  "Os", "linux");
    if (output_is_json(format))
        output_json(json_array_get(list, 0));
    else if (!output_template(format, list, NULL, &error))
        return cli_report_local(error);
    return STATUS_OK;
}
