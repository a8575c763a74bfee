/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/signal-names.h"

#include <floe/container.h>

#include <glib.h>
#include <signal.h>
#include <string.h>

static const struct {
    const char *name;
    int number;
} signals[] = {
    { "SIGABRT", SIGABRT },     { "SIGALRM", SIGALRM },     { "SIGBUS", SIGBUS },
    { "SIGCHLD", SIGCHLD },     { "SIGCONT", SIGCONT },     { "SIGFPE", SIGFPE },
    { "SIGHUP", SIGHUP },       { "SIGILL", SIGILL },       { "SIGINT", SIGINT },
    { "SIGIO", SIGIO },         { "SIGKILL", SIGKILL },     { "SIGPIPE", SIGPIPE },
    { "SIGPROF", SIGPROF },     { "SIGPWR", SIGPWR },       { "SIGQUIT", SIGQUIT },
    { "SIGSEGV", SIGSEGV },     { "SIGSTKFLT", SIGSTKFLT }, { "SIGSTOP", SIGSTOP },
    { "SIGSYS", SIGSYS },       { "SIGTERM", SIGTERM },     { "SIGTRAP", SIGTRAP },
    { "SIGTSTP", SIGTSTP },     { "SIGTTIN", SIGTTIN },     { "SIGTTOU", SIGTTOU },
    { "SIGURG", SIGURG },       { "SIGUSR1", SIGUSR1 },     { "SIGUSR2", SIGUSR2 },
    { "SIGVTALRM", SIGVTALRM }, { "SIGWINCH", SIGWINCH },   { "SIGXCPU", SIGXCPU },
    { "SIGXFSZ", SIGXFSZ },
};

static int number_or_none(const char *text, gint64 least, gint64 most)
{
    gint64 number = 0;

    return g_ascii_string_to_signed(text, 10, least, most, &number, NULL) ? (int)number : -1;
}

/* "SIGRTMIN+3", "SIGRTMAX-1": what is behind the base name is counted from it. */
static int real_time(const char *name)
{
    int offset;

    if (g_str_equal(name, "SIGRTMIN"))
        return SIGRTMIN;
    if (g_str_equal(name, "SIGRTMAX"))
        return SIGRTMAX;
    if (g_str_has_prefix(name, "SIGRTMIN+")) {
        offset = number_or_none(name + strlen("SIGRTMIN+"), 0, SIGRTMAX - SIGRTMIN);
        return offset < 0 ? 0 : SIGRTMIN + offset;
    }
    if (g_str_has_prefix(name, "SIGRTMAX-")) {
        offset = number_or_none(name + strlen("SIGRTMAX-"), 0, SIGRTMAX - SIGRTMIN);
        return offset < 0 ? 0 : SIGRTMAX - offset;
    }
    return 0;
}

int signal_from_name(const char *name)
{
    g_autofree char *upper = g_ascii_strup(name, -1);
    g_autofree char *full = NULL;
    int number = number_or_none(name, 1, SIGRTMAX);

    if (number > 0)
        return number;
    full = g_str_has_prefix(upper, "SIG") ? g_strdup(upper) : g_strconcat("SIG", upper, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        if (g_str_equal(full, signals[i].name))
            return signals[i].number;
    }
    return real_time(full);
}

const char *signal_to_name(int signal)
{
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        if (signals[i].number == signal)
            return signals[i].name;
    }
    return NULL;
}

int floe_signal_number(const char *name)
{
    return name != NULL ? signal_from_name(name) : 0;
}
