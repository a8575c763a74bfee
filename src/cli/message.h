/* SPDX-License-Identifier: Apache-2.0 */
/* What the user is told of failures, and the errors that are made in the command line itself. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Exit statuses as podman and docker have them; any other number is the container's own. */
enum {
    STATUS_OK = 0,
    STATUS_NO = 1,          /* an unknown name in rm, rmi, exists; a host that doctor finds unfit */
    STATUS_WRONG_STATE = 2, /* rm, rmi: it runs, or others need it */
    STATUS_FLOE_FAILED = 125,
    STATUS_NOT_RUNNABLE = 126,
    STATUS_NOT_FOUND = 127,
};

/* Of several things done one after the other: the status of the last that failed. */
static inline int status_after(int status, int next)
{
    return next != STATUS_OK ? next : status;
}

/*
 * Print "kind: text" on standard error. The text may hold what an archive or an image says: what a
 * terminal would take for commands becomes blanks.
 */
void cli_print_message(const char *kind, const char *text);

/* Print "Error: text" and return 125. */
int cli_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The same with the text of an error, which stays the caller's. */
int cli_report_local(const GError *error);

/* Why, of an error of g_file_get_contents(): what its text has behind the path. */
const char *cli_file_reason(const GError *error);

/* Print "warning: text": something failed that does not change the outcome. */
void cli_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);

/*
 * Warn of what will be done, and read from standard input whether it is to be. False: there is no
 * answer.
 */
bool cli_ask(const char *warning, bool *ret_yes, GError **error);

/* Whether the reader of our standard output has gone (`floe logs | head`): no failure of ours. */
bool cli_stdout_is_gone(void);

/* Errors of the command line: one domain, no codes, a text for the user. Returns false. */
#define CLI_ERROR (cli_error_domain())
GQuark cli_error_domain(void);
bool cli_set_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
