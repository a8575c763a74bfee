/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `login` and `logout` are skopeo's own, with its file of logins and its questions on the terminal:
 * once the flags have been looked at, floe becomes skopeo.
 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The words as they were typed; options_parse() moves those of argv about. */
static int become_skopeo(const char *verb, char **typed)
{
    g_autoptr(GPtrArray) command = g_ptr_array_new();

    g_ptr_array_add(command, (gpointer) "skopeo");
    g_ptr_array_add(command, (gpointer)verb);
    for (; *typed != NULL; typed++)
        g_ptr_array_add(command, *typed);
    g_ptr_array_add(command, NULL);
    execvp("skopeo", (char **)command->pdata);
    return cli_error("cannot run skopeo: %s", g_strerror(errno));
}

static int hand_over(const Usage *usage, const Option *options, char **argv)
{
    g_autofree char **typed = g_memdup2(argv + 1, g_strv_length(argv) * sizeof(*argv));
    char **words;
    int status;

    if (!options_parse(usage, options, argv, &words, &status))
        return status;
    return become_skopeo(argv[0], typed);
}

int cmd_login(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "login [options] REGISTRY",
        .about = "Log in to a registry, by skopeo.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a registry is missing",
    };
    const Option options[] = {
        { "authfile", 0, OPTION_TEXT, NULL, "FILE", "Keep the login in this file" },
        { "cert-dir", 0, OPTION_TEXT, NULL, "DIR", "Certificates for the registry" },
        { "get-login", 0, OPTION_FLAG, NULL, NULL, "Print who is logged in" },
        { "password", 'p', OPTION_TEXT, NULL, "PASSWORD", "The password, for all to see in ps" },
        { "password-stdin", 0, OPTION_FLAG, NULL, NULL, "Read the password from standard input" },
        { "tls-verify", 0, OPTION_FLAG, NULL, NULL,
          "Want TLS of the registry, and a certificate that is trusted" },
        { "username", 'u', OPTION_TEXT, NULL, "USER", "The user" },
        { "verbose", 'v', OPTION_FLAG, NULL, NULL, "Tell more" },
        OPTIONS_END,
    };

    return hand_over(&usage, options, argv);
}

int cmd_logout(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "logout [options] [REGISTRY]",
        .about = "Forget the login to a registry, by skopeo.",
        .max_words = 1,
    };
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, NULL, NULL, "Forget all logins" },
        { "authfile", 0, OPTION_TEXT, NULL, "FILE", "The logins are in this file" },
        OPTIONS_END,
    };

    return hand_over(&usage, options, argv);
}
