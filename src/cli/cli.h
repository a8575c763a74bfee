/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every verb of the command line shares: the engine it works on, and libfloe's errors as exit
 * statuses. The command line knows libfloe's public header and nothing of src/.
 */
#pragma once

#include "cli/message.h"

#include <floe/floe.h>

#include <glib.h>

typedef struct Cli {
    floe_engine_options engine_options;
    char **command_line; /* as typed, for the container's record */
    floe_engine *engine; /* NULL until cli_engine() */
} Cli;

/* A verb: argv[0] is its name, NULL ends it; the verb may reorder it. Returns the exit status. */
typedef int (*VerbFunction)(Cli *cli, char **argv);

/* The engine, opened at the first call. NULL: it failed, and the error is printed. */
floe_engine *cli_engine(Cli *cli);

/* Print the error, which stays the caller's, and return the exit status for its code. */
int cli_report(const floe_error *error);

int cli_status_of(const floe_error *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_error, floe_error_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_container, floe_container_free)

/* Memory of libfloe's, freed at the end of the scope. */
static inline void cli_free_text(char **text)
{
    floe_free(*text);
}
#define auto_floe_free __attribute__((cleanup(cli_free_text)))
