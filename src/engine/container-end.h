/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the end of a container's process is noticed and waited for: conmon's exit file tells of it,
 * and where conmon was killed, that neither it nor the process is there.
 */
#pragma once

#include "engine/engine.h"
#include "state/container-record.h"

#define EXIT_CODE_KILLED 137 /* 128 + SIGKILL */

typedef enum EndNote {
    END_NONE,       /* it goes on, or its end was noted before */
    END_TOLD,       /* it has ended, with the exit code that conmon wrote down */
    END_LOST,       /* it has ended, and nobody knows how: the exit code is -1 */
    END_NOT_WAITED, /* it goes on, and who was stopping it was killed: it runs */
} EndNote;

/*
 * A record that says there is a process is made to say "stopped" if it has ended, and "running" for
 * "stopping" if nobody waits for the end. Not saved.
 */
bool record_note_end(const floe_engine *engine, ContainerRecord *record, EndNote *ret_note,
                     GError **error);

/*
 * Wait until the process has ended and its exit file is there, if conmon lives to write one; not
 * longer than timeout_ms (-1: no limit). Needs no lock. The next look at the container tells what
 * came of it.
 */
bool record_wait_end(const floe_engine *engine, const ContainerRecord *record, int timeout_ms,
                     GError **error);
