/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/message.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void cli_print_message(const char *kind, const char *text)
{
    g_autofree char *plain = g_strdup(text);

    for (char *at = plain; *at != '\0'; at++) {
        bool is_c1 = (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 &&
                     (unsigned char)at[1] < 0xa0;

        if (is_c1)
            *at++ = ' ';
        if (is_c1 || (g_ascii_iscntrl(*at) && *at != '\n' && *at != '\t'))
            *at = ' ';
    }
    /* What was printed so far comes first, also where both go into one file. */
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", kind, plain);
}

int cli_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    cli_print_message("Error", text);
    return STATUS_FLOE_FAILED;
}

int cli_report_local(const GError *error)
{
    cli_print_message("Error", error->message);
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
    cli_print_message("warning", text);
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
