/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/message.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_line(const char *kind, const char *text)
{
    /* What was printed so far comes first, also where both go into one file. */
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", kind, text);
}

int cli_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    print_line("Error", text);
    return STATUS_FLOE_FAILED;
}

int cli_report_local(const GError *error)
{
    print_line("Error", error->message);
    return STATUS_FLOE_FAILED;
}

const char *cli_file_reason(const GError *error)
{
    const char *last = g_strrstr(error->message, ": ");

    return last != NULL ? last + strlen(": ") : error->message;
}

void cli_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    print_line("warning", text);
}

bool cli_ask(const char *warning, bool *ret_yes, GError **error)
{
    char answer[64];

    printf("WARNING! %s\nAre you sure you want to continue? [y/N] ", warning);
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) == NULL)
        return cli_set_error(error, "there is no answer; --force does without");
    *ret_yes = answer[0] == 'y' || answer[0] == 'Y';
    return true;
}

bool cli_stdout_is_gone(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

GQuark cli_error_domain(void)
{
    return g_quark_from_static_string("floe-cli");
}

bool cli_set_error(GError **error, const char *format, ...)
{
    if (error == NULL)
        return false;

    va_list args;
    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(CLI_ERROR, 0, format, args));
    va_end(args);
    return false;
}
