/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups as the container's own /etc/passwd and /etc/group name them, read inside its
 * root.
 */
#pragma once

#include "base/error.h"

#include <sys/types.h>

typedef struct RootUser {
    uid_t uid;
    gid_t gid;
    gid_t *extra_gids;
    size_t n_extra_gids;
    char *name; /* NULL when the uid has no entry */
    char *home; /* "/" when it has none */
} RootUser;

void root_user_clear(RootUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RootUser, root_user_clear)

/*
 * "name", "uid", "name:group", "uid:gid"; NULL or "": root. Supplementary groups come from
 * /etc/group unless a group is given; a user that is named has its own group among them. NOT_FOUND
 * for a name that the container does not have; a bare number need not have an entry.
 */
bool root_user_lookup(int root_fd, const char *spec, RootUser *ret_user, GError **error);

/* More supplementary groups: names of /etc/group, or numbers. NOT_FOUND. */
bool root_user_add_groups(int root_fd, char *const *groups, RootUser *user, GError **error);
