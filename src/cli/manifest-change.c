/* SPDX-License-Identifier: Apache-2.0 */
/* What a list of images says of one image: adding it, changing it, taking it out. */
#include "cli/options.h"
#include "cli/pull-flags.h"
#include "cli/verbs.h"

#include <stdio.h>

/* What podman's flags say of an image. */
typedef struct EntryFlags {
    floe_manifest_entry entry;
    char **annotations, **features, **os_features;
} EntryFlags;

#define ENTRY_FLAGS_INIT \
    { \
        .entry = FLOE_MANIFEST_ENTRY_INIT \
    }

#define ENTRY_ROWS(flags) \
    { "annotation",          0,           OPTION_LIST, \
      &(flags)->annotations, "KEY=VALUE", "The list has this note on the image" }, \
        { "arch", 0, OPTION_TEXT, &(flags)->entry.architecture, "ARCH", "Its architecture" }, \
        { "features",         0,      OPTION_COMMA_LIST, \
          &(flags)->features, "NAME", "What it needs of the processor" }, \
        { "os", 0, OPTION_TEXT, &(flags)->entry.os, "OS", "Its operating system" }, \
        { "os-features",         0,      OPTION_COMMA_LIST, \
          &(flags)->os_features, "NAME", "What it needs of the operating system" }, \
        { "os-version", 0, \
          OPTION_TEXT,  &(flags)->entry.os_version, \
          "VERSION",    "Its operating system's version" }, \
    { \
        "variant", 0, OPTION_TEXT, &(flags)->entry.variant, "VARIANT", \
            "The variant of its architecture" \
    }

static void entry_flags_clear(EntryFlags *flags)
{
    g_strfreev(flags->annotations);
    g_strfreev(flags->features);
    g_strfreev(flags->os_features);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EntryFlags, entry_flags_clear)

static const floe_manifest_entry *entry_of(EntryFlags *flags)
{
    flags->entry.annotations = list_const(flags->annotations);
    flags->entry.features = list_const(flags->features);
    flags->entry.os_features = list_const(flags->os_features);
    return &flags->entry;
}

int cmd_manifest_add(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest add [options] LIST IMAGE...",
        .about = "Add images to a list, and print its id: images that are here, or those of a registry\n"
                 "(docker://NAME), of which only the manifest comes.",
        .min_words = 2,
        .max_words = -1,
        .words_missing = "a list and an image are missing",
    };
    g_auto(EntryFlags) flags = ENTRY_FLAGS_INIT;
    floe_registry_options registry = FLOE_REGISTRY_OPTIONS_INIT;
    floe_manifest_add_options add = FLOE_MANIFEST_ADD_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "all", 0, OPTION_FLAG, &add.all, NULL, "Of an image that is a list: all that it has" },
        ENTRY_ROWS(&flags),
        REGISTRY_ROWS(&registry),
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    add.entry = entry_of(&flags);
    add.registry = &registry;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (char **image = words + 1; *image != NULL; image++) {
        auto_floe_free char *id = NULL;

        if (!floe_manifest_add(cli->engine, words[0], *image, &add, &id, &error))
            return cli_report(error);
        if (image[1] == NULL)
            puts(id);
    }
    return STATUS_OK;
}

int cmd_manifest_annotate(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest annotate [options] LIST IMAGE",
        .about = "Change what a list says of an image, and print the list's id. IMAGE is the digest of\n"
                 "its manifest, or an image that is here.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "a list and an image are missing",
    };
    g_auto(EntryFlags) flags = ENTRY_FLAGS_INIT;
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;
    char **words;
    int status;
    const Option options[] = { ENTRY_ROWS(&flags), OPTIONS_END };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_manifest_annotate(cli->engine, words[0], words[1], entry_of(&flags), &id, &error))
        return cli_report(error);
    puts(id);
    return STATUS_OK;
}

int cmd_manifest_remove(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest remove LIST IMAGE",
        .about = "Take an image out of a list, and print the list's id. IMAGE is the digest of its\n"
                 "manifest, or an image that is here.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "a list and an image are missing",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_manifest_remove(cli->engine, words[0], words[1], &id, &error))
        return cli_report(error);
    puts(id);
    return STATUS_OK;
}
