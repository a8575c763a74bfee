/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* What ends floe, if nobody has it ignored: the terminal is put right first. */
static const int fatal[] = { SIGHUP,  SIGINT, SIGQUIT, SIGTERM, SIGABRT,
                             SIGSEGV, SIGBUS, SIGFPE,  SIGILL };

/* For the signal handler: the modes to go back to. */
static struct termios own_modes;
static volatile sig_atomic_t is_lent;

/* Only calls that a signal handler may make. Another job may have the terminal by now. */
static void restore(void)
{
    pid_t foreground = tcgetpgrp(STDIN_FILENO);

    if (is_lent && (foreground < 0 || foreground == getpgrp()))
        tcsetattr(STDIN_FILENO, TCSANOW, &own_modes);
    is_lent = 0;
}

static void restore_and_die(int signal)
{
    restore();
    raise(signal); /* which comes when this returns, and does what it does by default */
}

static void catch_signals(void)
{
    struct sigaction caught = { .sa_handler = restore_and_die, .sa_flags = SA_RESETHAND };
    struct sigaction before;

    for (size_t i = 0; i < G_N_ELEMENTS(fatal); i++) {
        if (sigaction(fatal[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(fatal[i], &caught, NULL);
    }
}

static void release_signals(void)
{
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    struct sigaction now;

    for (size_t i = 0; i < G_N_ELEMENTS(fatal); i++) {
        if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler == restore_and_die)
            sigaction(fatal[i], &by_default, NULL);
    }
}

/*
 * Every byte as it is typed, none echoed; with_signals: but for the keys that make signals. In the
 * background this stops floe until it is brought to the foreground, as any program that asks for it.
 */
static void set_raw(bool with_signals)
{
    struct termios modes = own_modes;

    cfmakeraw(&modes);
    if (with_signals) {
        modes.c_lflag |= ISIG;
        modes.c_oflag = own_modes.c_oflag;
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

static sigset_t changes(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGCONT);
    return set;
}

void terminal_lend(Terminal *terminal, bool has_tty, bool has_input)
{
    sigset_t set = changes();

    if (has_tty && has_input && !isatty(STDIN_FILENO))
        cli_warning("standard input is not a terminal: what reads it may not work as expected");
    if (!has_tty || (!isatty(STDIN_FILENO) && !isatty(STDOUT_FILENO)))
        return;
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    terminal->changes_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    terminal->has_input = has_input && tcgetattr(STDIN_FILENO, &own_modes) == 0;
    if (!terminal->has_input)
        return;
    catch_signals();
    is_lent = 1;
    set_raw(true);
}

void terminal_take_back(Terminal *terminal)
{
    sigset_t set = changes();

    if (terminal->has_input) {
        restore();
        release_signals();
        terminal->has_input = false;
    }
    if (terminal->changes_fd >= 0) {
        close(terminal->changes_fd);
        terminal->changes_fd = -1;
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
}

static bool window_size(struct winsize *ret_size)
{
    return (ioctl(STDIN_FILENO, TIOCGWINSZ, ret_size) == 0 ||
            ioctl(STDOUT_FILENO, TIOCGWINSZ, ret_size) == 0) &&
           ret_size->ws_row > 0 && ret_size->ws_col > 0;
}

/* The window has changed, or the shell has let us go on and has had the terminal in between. */
static void follow_changes(const Terminal *terminal, floe_attachment *attachment)
{
    struct signalfd_siginfo info;
    struct winsize size;

    while (read(terminal->changes_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCONT && terminal->has_input)
            set_raw(false);
    }
    /* A program that has just ended needs no size. */
    if (window_size(&size))
        floe_attachment_resize(attachment, size.ws_row, size.ws_col, NULL);
}

static bool pass_data(const Terminal *terminal, floe_attachment *attachment, floe_error **error)
{
    struct pollfd polled[] = {
        { .fd = floe_attachment_fd(attachment), .events = POLLIN },
        { .fd = terminal->changes_fd, .events = POLLIN },
    };
    bool over = false;

    while (!over) {
        if (poll(polled, G_N_ELEMENTS(polled), -1) < 0)
            continue; /* a signal */
        if (polled[1].revents != 0)
            follow_changes(terminal, attachment);
        if (polled[0].revents != 0 && !floe_attachment_pump(attachment, &over, error))
            return false;
    }
    return true;
}

bool terminal_attend(Terminal *terminal, floe_attachment *attachment, int *ret_exit_code,
                     floe_error **error)
{
    bool passed = true;

    if (terminal->has_input)
        set_raw(false);
    if (terminal->changes_fd >= 0)
        passed = pass_data(terminal, attachment, error);
    terminal_take_back(terminal);
    return passed && floe_attachment_wait(attachment, ret_exit_code, error);
}
