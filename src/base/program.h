/* SPDX-License-Identifier: Apache-2.0 */
/* The programs that floe needs: where they are, and how long they may take. */
#pragma once

/* Where a system has its programs, whatever PATH says. */
#define PROGRAM_SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * The path of a program: `name` itself if it has a '/', else the first in the absolute directories
 * of `path` (a PATH; NULL: ours), or NULL.
 */
char *program_find(const char *name, const char *path);

/*
 * How long a program that floe needs may take for one step before it counts as hanging: `usual_ms`,
 * or $FLOE_PART_TIMEOUT_MS.
 */
int part_timeout_ms(int usual_ms);
