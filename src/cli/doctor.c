/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

static void print_check(const json_t *check, int width)
{
    const char *advice = field_text(check, "advice");

    printf("%-7s  %-*s  %s\n", field_text(check, "status"), width, field_text(check, "name"),
           field_text(check, "found"));
    if (advice[0] != '\0')
        printf("%-7s  %-*s  -> %s\n", "", width, "", advice);
}

static void print_checks(const json_t *report, bool ok)
{
    const json_t *checks = json_object_get(report, "checks");
    size_t width = 0, i;
    json_t *check;

    json_array_foreach(checks, i, check) {
        width = MAX(width, strlen(field_text(check, "name")));
    }
    json_array_foreach(checks, i, check) {
        print_check(check, (int)MIN(width, 40));
    }
    puts(ok ? "\nThis host can run, checkpoint and restore containers."
            : "\nThis host cannot do floe's main job: see what failed above.");
}

int cmd_doctor(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "doctor [options]",
        .about = "Check this host for all that floe needs, and say how to get what is missing.\n"
                 "Ends with status 1 if containers cannot be run, checkpointed and restored\n"
                 "here.",
    };
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) wrong = NULL;
    const char *format = NULL;
    char **words, *text = NULL;
    int status;
    const Option options[] = {
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json or a Go template" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!floe_doctor(&cli->engine_options, &text, &error))
        return cli_report(error);

    json_auto_t *report = document_parse(text);
    if (report == NULL)
        return STATUS_FLOE_FAILED;

    bool ok = json_is_true(json_object_get(report, "ok"));
    if (format == NULL) {
        print_checks(report, ok);
    } else if (output_is_json(format)) {
        output_json(report);
    } else {
        json_auto_t *list = json_pack("[O]", report);

        if (!output_template(format, list, NULL, &wrong))
            return cli_report_local(wrong);
    }
    return ok ? STATUS_OK : STATUS_NO;
}
