/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIZE_LIMIT ((size_t)512000) /* libfloe takes less */

/* What the file, standard input or the environment's variable holds. */
static bool read_data(const char *source, bool is_variable, GString *data, GError **error)
{
    const char *value;

    if (!is_variable) {
        if (strcmp(source, "-") == 0 && isatty(STDIN_FILENO))
            return cli_set_error(error, "standard input is a terminal: redirect it, or name a file");
        return input_read(source, SIZE_LIMIT, data, error);
    }
    value = g_getenv(source);
    if (value == NULL)
        return cli_set_error(error, "environment variable %s is not set", source);
    g_string_append(data, value);
    return true;
}

static int create(Cli *cli, floe_secret_options *options, const GString *data)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;

    options->data = data->str;
    options->length = data->len;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_secret_create(cli->engine, options, &id, &error))
        return cli_report(error);
    puts(id);
    return STATUS_OK;
}

int cmd_secret_create(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "secret create [options] NAME FILE|-",
        .about = "Keep what a file or standard input (-) holds as a secret, and print its id.",
        .later = "driver-opts",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "a name and a file are needed",
    };
    floe_secret_options secret = FLOE_SECRET_OPTIONS_INIT;
    g_autoptr(GString) data = g_string_new(NULL);
    g_autoptr(GError) wrong = NULL;
    g_auto(GStrv) labels = NULL;
    bool is_variable = false;
    char **words;
    int status;
    const Option options[] = {
        { "driver", 'd', OPTION_TEXT, &secret.driver, "NAME", "file, the only one" },
        { "env", 0, OPTION_FLAG, &is_variable, NULL,
          "FILE is the name of an environment variable that holds it" },
        { "label", 'l', OPTION_LIST, &labels, "KEY[=VALUE]", "Set a label" },
        { "replace", 0, OPTION_FLAG, &secret.replace, NULL, "In the place of one of this name" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    secret.name = words[0];
    secret.labels = list_const(labels);
    if (!read_data(words[1], is_variable, data, &wrong))
        return cli_report_local(wrong);
    status = create(cli, &secret, data);
    explicit_bzero(data->str, data->len);
    return status;
}
