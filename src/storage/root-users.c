/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files are a container's: whatever stands in them, a line that is not of the right form counts
 * for nothing. The first line that fits wins, as for the C library and for runc.
 */
#include "storage/root-users.h"

#include "base/path.h"

#include <string.h>

#define FILE_MAX   ((size_t)4 * 1024 * 1024)
#define GROUPS_MAX 1024

enum {
    PASSWD_NAME,
    PASSWD_PASSWORD,
    PASSWD_UID,
    PASSWD_GID,
    PASSWD_GECOS,
    PASSWD_HOME,
    PASSWD_FIELDS
};
enum { GROUP_NAME, GROUP_PASSWORD, GROUP_GID, GROUP_MEMBERS, GROUP_FIELDS };

void root_user_clear(RootUser *user)
{
    g_clear_pointer(&user->extra_gids, g_free);
    g_clear_pointer(&user->name, g_free);
    g_clear_pointer(&user->home, g_free);
}

/* A uid or gid in digits. The highest number is no id: to chown() it means "leave it". */
static bool id_parse(const char *text, guint64 *ret_id)
{
    return g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32 - 1, ret_id, NULL);
}

/* The lines of a file, none where it is missing. */
static bool lines_read(int root_fd, const char *path, char ***ret_lines, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;

    if (!root_read_file(root_fd, path, FILE_MAX, &text, NULL, &why) &&
        !err_is(why, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    *ret_lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    return true;
}

/* --- /etc/passwd ------------------------------------------------------------------------------ */

/* Is the line of the user by this name, or else by this uid? Then it is taken over. */
static bool user_from_line(const char *line, const char *name, RootUser *user)
{
    g_auto(GStrv) fields = g_strsplit(line, ":", PASSWD_FIELDS + 1);
    guint64 uid = 0, gid = 0, wanted = 0;

    if (g_strv_length(fields) < PASSWD_FIELDS || *fields[PASSWD_NAME] == '\0' ||
        !id_parse(fields[PASSWD_UID], &uid) || !id_parse(fields[PASSWD_GID], &gid))
        return false;
    if (!g_str_equal(fields[PASSWD_NAME], name) && !(id_parse(name, &wanted) && wanted == uid))
        return false;

    user->uid = (uid_t)uid;
    user->gid = (gid_t)gid;
    user->name = g_strdup(fields[PASSWD_NAME]);
    user->home = g_strdup(*fields[PASSWD_HOME] != '\0' ? fields[PASSWD_HOME] : "/");
    return true;
}

static bool user_find(int root_fd, const char *name, RootUser *user, GError **error)
{
    g_auto(GStrv) lines = NULL;
    guint64 uid = 0;

    if (!lines_read(root_fd, "/etc/passwd", &lines, error))
        return false;
    for (size_t i = 0; lines[i] != NULL; i++) {
        if (user_from_line(lines[i], name, user))
            return true;
    }
    if (!id_parse(name, &uid))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "no user '%s' in the container's /etc/passwd",
                       name);
    user->uid = (uid_t)uid;
    user->home = g_strdup("/");
    return true;
}

/* --- /etc/group ------------------------------------------------------------------------------- */

/* A line's gid and fields; NULL for a malformed one. */
static char **group_parse(const char *line, guint64 *ret_gid)
{
    g_auto(GStrv) fields = g_strsplit(line, ":", GROUP_FIELDS);

    if (g_strv_length(fields) < GROUP_FIELDS || *fields[GROUP_NAME] == '\0' ||
        !id_parse(fields[GROUP_GID], ret_gid))
        return NULL;
    return g_steal_pointer(&fields);
}

static bool group_find(char *const *lines, const char *name, gid_t *ret_gid, GError **error)
{
    guint64 gid = 0, wanted = 0;
    bool is_number = id_parse(name, &wanted);

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = group_parse(lines[i], &gid);

        if (fields != NULL && g_str_equal(fields[GROUP_NAME], name)) {
            *ret_gid = (gid_t)gid;
            return true;
        }
    }
    if (!is_number)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "no group '%s' in the container's /etc/group",
                       name);
    *ret_gid = (gid_t)wanted;
    return true;
}

/* The groups that list the user as a member. */
static void extra_groups(char *const *lines, RootUser *user)
{
    g_autoptr(GArray) gids = g_array_new(FALSE, FALSE, sizeof(gid_t));

    for (size_t i = 0; lines[i] != NULL && gids->len < GROUPS_MAX; i++) {
        guint64 gid = 0;
        g_auto(GStrv) fields = group_parse(lines[i], &gid);
        g_auto(GStrv) members = fields != NULL ? g_strsplit(fields[GROUP_MEMBERS], ",", -1) : NULL;
        gid_t id = (gid_t)gid;

        if (members != NULL && g_strv_contains((const char *const *)members, user->name))
            g_array_append_val(gids, id);
    }
    user->n_extra_gids = gids->len;
    user->extra_gids = (gid_t *)g_array_free(g_steal_pointer(&gids), FALSE);
}

static bool groups_find(int root_fd, const char *group, RootUser *user, GError **error)
{
    g_auto(GStrv) lines = NULL;

    if (group == NULL && user->name == NULL)
        return true;
    if (!lines_read(root_fd, "/etc/group", &lines, error))
        return false;
    if (group != NULL)
        return group_find(lines, group, &user->gid, error);
    extra_groups(lines, user);
    return true;
}

static void add_group(RootUser *user, gid_t gid)
{
    for (size_t i = 0; i < user->n_extra_gids; i++) {
        if (user->extra_gids[i] == gid)
            return;
    }
    user->extra_gids = g_renew(gid_t, user->extra_gids, user->n_extra_gids + 1);
    user->extra_gids[user->n_extra_gids++] = gid;
}

bool root_user_add_groups(int root_fd, char *const *groups, RootUser *user, GError **error)
{
    g_auto(GStrv) lines = NULL;

    if (groups == NULL || groups[0] == NULL)
        return true;
    if (!lines_read(root_fd, "/etc/group", &lines, error))
        return false;
    for (size_t i = 0; groups[i] != NULL; i++) {
        gid_t gid = 0;

        if (!group_find(lines, groups[i], &gid, error))
            return false;
        add_group(user, gid);
    }
    return true;
}

bool root_user_lookup(int root_fd, const char *spec, RootUser *ret_user, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(spec != NULL ? spec : "", ":", 2);
    const char *name = parts[0] != NULL && *parts[0] != '\0' ? parts[0] : "0";
    const char *group = parts[0] != NULL && parts[1] != NULL && *parts[1] != '\0' ? parts[1] : NULL;
    g_auto(RootUser) user = { 0 };

    if (!user_find(root_fd, name, &user, error) || !groups_find(root_fd, group, &user, error))
        return false;
    /*
     * The group itself among the supplementary ones too: else a process could drop it by setegid() and
     * be treated as "other" where a mode gives the group less (CVE-2022-2989).
     */
    if (spec != NULL && *spec != '\0')
        add_group(&user, user.gid);
    *ret_user = user;
    user = (RootUser){ 0 };
    return true;
}
