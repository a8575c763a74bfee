/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a build's arguments those that floe reads itself: for which platforms, and for which list of
 * images. buildah builds one platform at a time; lists are floe's.
 */
#pragma once

#include "base/json.h"

typedef struct BuildPlan {
    char *list;           /* as the user names it; NULL: none */
    GPtrArray *platforms; /* "OS/ARCH[/VARIANT]"; one NULL: as buildah has it */
    GPtrArray *arguments; /* the others, borrowed; NULL-terminated */
} BuildPlan;

/* arguments: must live as long. INVALID, UNSUPPORTED: what cannot be done for several platforms. */
bool build_plan_read(const char *const *arguments, BuildPlan *ret_plan, GError **error);
void build_plan_clear(BuildPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BuildPlan, build_plan_clear)

/* Is an image of this configuration for the platform? NULL: any is. */
bool build_platform_fits(const char *platform, const json_t *config);
