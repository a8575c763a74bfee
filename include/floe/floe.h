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
 * "Errors:" names those that a program may want to tell apart. Beside them any function that asks the
 * engine may fail with IO (the system refuses it its files or its database), one on a container's
 * handle with REMOVED, and all with INTERNAL.
 *
 * Options and results are structs that begin with their `size`, which an _INIT macro sets, so that
 * they can grow: of one that is shorter than today's the rest has its defaults, and of a result as
 * much is written as the caller has room for. A `size` of 0 is INVALID. In C++ the macros need C++20.
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
#include <floe/manifest.h>
#include <floe/network.h>
#include <floe/pod.h>
#include <floe/secret.h>
#include <floe/stats.h>
#include <floe/volume.h>
