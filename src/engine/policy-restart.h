/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a container again as its restart policy wants it, without a daemon.
 *
 * The note of the end (operation.c) sets ContainerStatus.restart_due_unix_ns. conmon's exit command,
 * `floe container cleanup`, sleeps until then without the container's lock, and starts it. Whoever
 * starts, stops or removes the container before that clears the moment and takes the sleeper's file
 * away, RUNROOT/restarts/ID, which wakes it. The sleeper holds a lock on the file: where nobody does,
 * it was killed, and the next command on the container starts another one.
 */
#pragma once

#include "engine/container.h"

/* The process has ended: when does it run again? Not saved. */
void restart_note_end(floe_container *ctr);

/* It runs, or is not to run any more. Wakes the sleeper. Not saved. */
void restart_cancel(floe_container *ctr);

/* A user ends what has ended by itself and would run again. Saves. */
bool restart_give_up(floe_container *ctr, bool *ret_given_up, GError **error);

/* Become the one who starts it again, unless there is one already. Under the container's lock. */
bool restart_claim(floe_container *ctr, Lock *ret_claim, bool *ret_claimed, GError **error);

/*
 * For the holder of the claim: sleep, and start it if it still is to be started. Takes the lock itself.
 */
bool restart_when_due(floe_container *ctr, GError **error);

/* How long until it is to run again. */
int restart_ms_left(const floe_container *ctr);

/*
 * Sleep until it may have been started again, at most so long (-1: no limit; TIMEOUT when that is
 * over already). Needs no lock.
 */
bool restart_wait(const floe_container *ctr, int timeout_ms, GError **error);

/* Where it is to run again and nobody sees to it, start somebody who does. Under the lock. */
bool restart_heal(floe_container *ctr, GError **error);
