/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/pull-flags.h"
#include "cli/verbs.h"

#include <errno.h>
#include <unistd.h>

static bool write_digest(const char *path, const char *digest, GError **error)
{
    g_autoptr(GError) why = NULL;

    return g_file_set_contents(path, digest, -1, &why) ||
           cli_set_error(error, "write file '%s': %s", path, cli_file_reason(why));
}

int cmd_push(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "push [options] IMAGE [DESTINATION]",
        .about = "Copy an image to a registry: the one that its name says, or DESTINATION.",
        .later = "compression-format encryption-key encrypt-layer sign-by "
                 "sign-by-sigstore-private-key sign-passphrase-file",
        .min_words = 1,
        .max_words = 2,
        .words_missing = "an image is missing",
    };
    floe_push_options push = FLOE_PUSH_OPTIONS_INIT;
    floe_registry_options registry = FLOE_REGISTRY_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    auto_floe_free char *digest = NULL;
    const char *digest_file = NULL;
    bool quiet = false;
    char **words;
    int status;
    const Option options[] = {
        REGISTRY_ROWS(&registry),
        { "compress", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "digestfile", 0, OPTION_TEXT, &digest_file, "FILE", "Write the manifest's digest to it" },
        { "disable-content-trust", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "format", 'f', OPTION_TEXT, &push.format, "FORMAT",
          "Of the manifest: oci or v2s2 (docker's); as the image has it by default" },
        { "quiet", 'q', OPTION_FLAG, &quiet, NULL, "Show no progress" },
        { "remove-signatures", 0, OPTION_FLAG, NULL, NULL, NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    push.registry = &registry;
    push.progress_fd = !quiet && isatty(STDERR_FILENO) ? STDERR_FILENO : -1;

    floe_engine *engine = cli_engine(cli);
    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_push(engine, words[0], words[1], &push, digest_file != NULL ? &digest : NULL,
                         &error))
        return cli_report(error);
    if (digest_file != NULL && !write_digest(digest_file, digest, &unwritten))
        return cli_report_local(unwritten);
    return STATUS_OK;
}

/* Taken away only if all that was asked for is done. */
static int remove_pushed(floe_engine *engine, const char *name)
{
    g_autoptr(floe_error) error = NULL;

    return floe_manifest_delete(engine, name, NULL, NULL, &error) ? STATUS_OK : cli_report(error);
}

int cmd_manifest_push(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest push [options] LIST [DESTINATION]",
        .about = "Copy a list with its images to a registry: the one that its name says, or\n"
                 "DESTINATION.",
        .later = "compression-format sign-by sign-by-sigstore-private-key sign-passphrase-file",
        .min_words = 1,
        .max_words = 2,
        .words_missing = "a list is missing",
    };
    floe_manifest_push_options push = FLOE_MANIFEST_PUSH_OPTIONS_INIT;
    floe_registry_options registry = FLOE_REGISTRY_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    auto_floe_free char *digest = NULL;
    const char *digest_file = NULL;
    bool all = true, remove = false, quiet = false;
    char **words;
    int status;
    const Option options[] = {
        { "all", 0, OPTION_FLAG, &all, NULL,
          "With its images, which is the default; --all=false: they are there already" },
        REGISTRY_ROWS(&registry),
        { "digestfile", 0, OPTION_TEXT, &digest_file, "FILE", "Write the list's digest to it" },
        { "format", 'f', OPTION_TEXT, &push.format, "FORMAT",
          "Of the manifests: oci or v2s2 (docker's); as they are by default" },
        { "quiet", 'q', OPTION_FLAG, &quiet, NULL, "Show no progress" },
        { "remove-signatures", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "rm", 0, OPTION_FLAG, &remove, NULL, "Remove the list when it is there" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    push.registry = &registry;
    push.list_only = !all;
    push.progress_fd = !quiet && isatty(STDERR_FILENO) ? STDERR_FILENO : -1;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_manifest_push(cli->engine, words[0], words[1], &push,
                            digest_file != NULL ? &digest : NULL, &error))
        return cli_report(error);
    if (digest_file != NULL && !write_digest(digest_file, digest, &unwritten))
        return cli_report_local(unwritten);
    return remove ? remove_pushed(cli->engine, words[0]) : STATUS_OK;
}
