/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libfloe: a container engine as a library. Plain C11, opaque handles.
 *
 * A function that can fail returns bool and takes `floe_error **error` last (NULL: not wanted); its
 * outputs (`ret_...`) are set on success only. Everything hangs on a floe_engine; one handle is used
 * by one thread at a time. Options may be NULL, for their defaults; a handle, a text or an output
 * that is NULL is INVALID unless it is said that it may be. A function that returns no error then has
 * NULL, false or -1 for an answer.
 *
 * Options are structs with an _INIT macro, which sets their `size`, so that they can grow: of a
 * struct that is shorter than today's the rest has its defaults, and of a result as much is written
 * as the caller has room for. A `size` of 0 is INVALID.
 */
#pragma once

#include <floe/attach.h>
#include <floe/checkpoint.h>
#include <floe/container.h>
#include <floe/engine.h>
#include <floe/error.h>
#include <floe/events.h>
#include <floe/exec.h>
#include <floe/files.h>
#include <floe/health.h>
#include <floe/image.h>
#include <floe/network.h>
#include <floe/pod.h>
#include <floe/stats.h>
#include <floe/volume.h>
