/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pull-flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pull_flags_clear(PullFlags *flags)
{
    g_clear_pointer(&flags->parts, g_strfreev);
}

static bool check_policy(PullFlags *flags, const char *flag, GError **error)
{
    static const char *const policies[] = {
        [FLOE_PULL_MISSING] = "missing",
        [FLOE_PULL_ALWAYS] = "always",
        [FLOE_PULL_NEWER] = "newer",
        [FLOE_PULL_NEVER] = "never",
    };

    for (size_t i = 0; flags->policy != NULL && i < G_N_ELEMENTS(policies); i++) {
        if (strcmp(flags->policy, policies[i]) == 0) {
            flags->options.policy = (floe_pull_policy)i;
            return true;
        }
    }
    return flags->policy == NULL ||
           cli_set_error(error, "--%s: '%s' is none of missing, always, never, newer", flag,
                         flags->policy);
}

static bool check_platform(PullFlags *flags, GError **error)
{
    guint n_parts;

    if (flags->platform == NULL)
        return true;
    flags->parts = g_strsplit(flags->platform, "/", 4);
    n_parts = g_strv_length(flags->parts);
    if (n_parts < 2 || n_parts > 3 || flags->parts[0][0] == '\0' || flags->parts[1][0] == '\0')
        return cli_set_error(error, "--platform: '%s' is not of the form OS/ARCH[/VARIANT]",
                             flags->platform);
    if (flags->options.os != NULL || flags->options.architecture != NULL ||
        flags->options.variant != NULL)
        return cli_set_error(error, "--platform excludes --os, --arch and --variant");
    flags->options.os = flags->parts[0];
    flags->options.architecture = flags->parts[1];
    flags->options.variant = flags->parts[2];
    return true;
}

/* Standard output may be captured for the id: the question is only asked where both are a user's. */
static int choose_name(const char *const *full_names, void *data)
{
    int n_names = (int)g_strv_length((char **)full_names);
    char line[32];
    int number = 0;

    fputs("Please choose an image:\n", stderr);
    for (int i = 0; i < n_names; i++)
        fprintf(stderr, "  %d: %s\n", i + 1, full_names[i]);
    while (number < 1 || number > n_names) {
        fprintf(stderr, "1 to %d: ", n_names);
        if (fgets(line, sizeof(line), stdin) == NULL)
            return -1;
        number = atoi(line);
    }
    return number - 1;
}

bool pull_flags_check(PullFlags *flags, const char *flag, GError **error)
{
    if (!flags->quiet && isatty(STDERR_FILENO))
        flags->options.progress_fd = STDERR_FILENO;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        flags->options.choose = choose_name;
    if (flags->retry > G_MAXINT)
        return cli_set_error(error, "--retry: the number is too large");
    flags->options.retry = (int)flags->retry;
    return check_policy(flags, flag, error) && check_platform(flags, error);
}

bool pull_flags_ensure(PullFlags *flags, floe_engine *engine, const char *name, char **ret_image,
                       floe_error **error)
{
    auto_floe_free char *id = NULL;

    flags->options.registry = &flags->registry;
    if (!floe_image_pull(engine, name, &flags->options, &id, ret_image, error))
        return false;
    if (*ret_image == NULL) {
        *ret_image = id;
        id = NULL;
    }
    return true;
}
