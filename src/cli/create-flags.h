/* SPDX-License-Identifier: Apache-2.0 */
/* The flags of `create` and `run`: name, form, and a line of help each. */
#pragma once

#include "cli/create-options.h"

/*
 * In the order of their names, with those that only `run` has or without them. What is typed goes to
 * `options`. Freed with g_free().
 */
Option *create_flags(CreateOptions *options, bool for_run);

/* The flags of podman's create and run that floe does not have yet, for Usage.later. */
extern const char create_flags_later[];
