/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's terminal while it belongs to a container: keys go to it as they are, and it learns of
 * every change of the window. However floe ends, short of SIGKILL, the terminal is as before.
 */
#pragma once

#include "cli/cli.h"

typedef struct Terminal {
    int changes_fd; /* SIGWINCH and SIGCONT; -1: there is no terminal to speak of */
    bool has_input;
} Terminal;

#define TERMINAL_NONE \
    { \
        .changes_fd = -1 \
    }

/*
 * A program with a terminal (has_tty) is about to begin: from here on nothing is echoed, so that
 * what is typed ahead is not there twice; keys such as ctrl-c still end floe. Without a terminal on
 * our side it does nothing. has_input: standard input goes to the program.
 */
void terminal_lend(Terminal *terminal, bool has_tty, bool has_input);

/* Also at the end of the scope. */
void terminal_take_back(Terminal *terminal);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Terminal, terminal_take_back)

/*
 * Hand all keys over, pass data and window sizes until the program has ended, take the terminal
 * back. As floe_attachment_wait().
 */
bool terminal_attend(Terminal *terminal, floe_attachment *attachment, int *ret_exit_code,
                     floe_error **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_attachment, floe_attachment_free)
