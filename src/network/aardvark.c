/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONFIG/aardvark-dns/aardvark.pid, and a file for each network, NETWORK or NETWORK%int: the addresses
 * where it answers in the first line, then "ID IPV4,... IPV6,... NAME,ALIAS,..." and the container's
 * own DNS servers, if it has any.
 */
#include "network/aardvark.h"

#include "base/fd.h"
#include "base/process.h"
#include "network/netavark.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_LIMIT  (16 * 1024 * 1024)
#define NAMES_FIELD 3

/* The running one's, or 0. */
static pid_t aardvark_pid(const char *pid_file)
{
    pid_t pid = pid_file_read(pid_file);
    g_autofree char *comm_file = g_strdup_printf("/proc/%d/comm", (int)pid);
    g_autofree char *comm = NULL;

    if (pid <= 0 || process_has_ended(pid) || !g_file_get_contents(comm_file, &comm, NULL, NULL) ||
        !g_str_has_prefix(comm, "aardvark-dns"))
        return 0;
    return pid;
}

void aardvark_forget_dead(const char *config_dir)
{
    g_autofree char *pid_file = g_build_filename(config_dir, "aardvark-dns", "aardvark.pid", NULL);

    if (aardvark_pid(pid_file) == 0)
        unlink(pid_file);
}

/*
 * The line with `name` for the first of its names, which is the container's own. Freed by the caller.
 */
static char *renamed_line(const char *line, const char *name)
{
    g_auto(GStrv) fields = g_strsplit(line, " ", -1);
    const char *aliases;
    char *names;

    if (g_strv_length(fields) <= NAMES_FIELD)
        return g_strdup(line);
    aliases = strchr(fields[NAMES_FIELD], ',');
    names = g_strconcat(name, aliases, NULL);
    g_free(fields[NAMES_FIELD]);
    fields[NAMES_FIELD] = names;
    return g_strjoinv(" ", fields);
}

/* NULL: the container is not in it. */
static char *renamed_text(const char *text, const char *id, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool found = false;

    for (char **line = lines; *line != NULL; line++) {
        char *renamed;

        if (!g_str_has_prefix(*line, id) || (*line)[strlen(id)] != ' ')
            continue;
        found = true;
        renamed = renamed_line(*line, name);
        g_free(*line);
        *line = renamed;
    }
    return found ? g_strjoinv("\n", lines) : NULL;
}

/* Written beside the directory: aardvark-dns takes each file in it for a network. */
static bool replace(const char *config_dir, const char *path, const char *text, GError **error)
{
    g_autofree char *aside = g_build_filename(config_dir, "aardvark-names", NULL);

    if (!file_write_atomic(aside, text, strlen(text), 0644, error))
        return false;
    return rename(aside, path) == 0 || err_set_errno(error, "rename '%s' to '%s'", aside, path);
}

/* ret_done: the file is there, and has the container. */
static bool rename_in(const char *config_dir, const char *path, const char *id, const char *name,
                      bool *ret_done, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *renamed = NULL;
    g_autoptr(GError) err = NULL;

    *ret_done = false;
    if (!file_read(path, FILE_LIMIT, &text, NULL, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    renamed = renamed_text(text, id, name);
    *ret_done = renamed != NULL;
    return renamed == NULL || replace(config_dir, path, renamed, error);
}

bool aardvark_rename(const char *config_dir, const json_t *request, const char *name, GError **error)
{
    const char *id = json_string_value(json_object_get(request, "container_id"));
    const char *bridge = netavark_request_bridge(request);
    g_autofree char *directory = g_build_filename(config_dir, "aardvark-dns", NULL);
    g_autofree char *pid_file = g_build_filename(directory, "aardvark.pid", NULL);
    bool done = false;
    pid_t pid;

    if (id == NULL || bridge == NULL)
        return true;
    for (size_t i = 0; i < 2 && !done; i++) {
        g_autofree char *path = g_strconcat(directory, "/", bridge, i == 0 ? "" : "%int", NULL);

        if (!rename_in(config_dir, path, id, name, &done, error))
            return false;
    }
    pid = done ? aardvark_pid(pid_file) : 0;
    return pid == 0 || kill(pid, SIGHUP) == 0 || errno == ESRCH ||
           err_set_errno(error, "tell aardvark-dns");
}
