/* SPDX-License-Identifier: Apache-2.0 */
/* Formats: proc_pid_stat(5), proc_pid_status(5), proc_pid_cmdline(5). */
#include "engine/process-list.h"

#include "base/fd.h"
#include "oci/cgroup.h"
#include "oci/crun-process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_LIMIT ((size_t)4 * 1024 * 1024) /* a command line may be long */

/* Fields of stat behind the name, counted from the state. */
enum {
    STAT_STATE = 0,
    STAT_TTY = 4,
    STAT_UTIME = 11,
    STAT_STIME = 12,
    STAT_NICE = 16,
    STAT_STARTED = 19,
    STAT_VSIZE = 20,
    STAT_RSS = 21,
    STAT_N_FIELDS = 22
};

void process_entry_free(ProcessEntry *entry)
{
    if (entry == NULL)
        return;
    g_free(entry->comm);
    g_free(entry->args);
    g_free(entry->label);
    g_clear_pointer(&entry->groups, g_array_unref);
    g_free(entry);
}

/* NULL: the process has ended. */
static char *proc_text(pid_t pid, const char *name, size_t *ret_length)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, name);
    char *text = NULL;

    return file_read(path, FILE_LIMIT, &text, ret_length, NULL) ? text : NULL;
}

/* "PID (COMM) STATE ...": a name may hold blanks and brackets. */
static bool stat_read(ProcessEntry *entry)
{
    g_autofree char *text = proc_text(entry->host_pid, "stat", NULL);
    char *open = text != NULL ? strchr(text, '(') : NULL;
    char *close = open != NULL ? strrchr(open, ')') : NULL;

    if (close == NULL || close[1] == '\0')
        return false;

    g_auto(GStrv) fields = g_strsplit(close + 2, " ", -1);

    if (g_strv_length(fields) < STAT_N_FIELDS)
        return false;
    entry->comm = g_strndup(open + 1, (gsize)(close - open - 1));
    entry->state = fields[STAT_STATE][0];
    entry->tty = atoi(fields[STAT_TTY]);
    entry->nice = strtol(fields[STAT_NICE], NULL, 10);
    entry->time_ticks = g_ascii_strtoull(fields[STAT_UTIME], NULL, 10) +
                        g_ascii_strtoull(fields[STAT_STIME], NULL, 10);
    entry->started_ticks = g_ascii_strtoull(fields[STAT_STARTED], NULL, 10);
    entry->vsz_kib = g_ascii_strtoull(fields[STAT_VSIZE], NULL, 10) / 1024;
    entry->rss_kib = g_ascii_strtoull(fields[STAT_RSS], NULL, 10) *
                     ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
    return true;
}

/* What follows "Key:" in its line; NULL: there is no such line. */
static char *status_line(const char *status, const char *key)
{
    g_autofree char *front = g_strconcat("\n", key, ":", NULL);
    const char *found = strstr(status, front);

    if (found == NULL)
        return NULL;
    found += strlen(front);
    return g_strstrip(g_strndup(found, strcspn(found, "\n")));
}

/* The n-th number of a line "Key:\tA\tB ..."; -1 counts from the end. 0 when there is none. */
static unsigned status_number(const char *status, const char *key, int n)
{
    g_autofree char *line = status_line(status, key);
    g_auto(GStrv) numbers = g_strsplit(line != NULL ? line : "", "\t", -1);
    int count = (int)g_strv_length(numbers);
    int index = n < 0 ? count + n : n;

    return index >= 0 && index < count ? (unsigned)strtoul(numbers[index], NULL, 10) : 0;
}

/* By the order of ProcessCapSet. */
static void caps_read(ProcessEntry *entry, const char *status)
{
    static const char *const keys[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };

    for (size_t i = 0; i < PROCESS_N_CAP_SETS; i++) {
        g_autofree char *line = status_line(status, keys[i]);

        entry->caps[i] = line != NULL ? g_ascii_strtoull(line, NULL, 16) : 0;
    }
}

static void groups_read(ProcessEntry *entry, const char *status)
{
    g_autofree char *line = status_line(status, "Groups");
    g_auto(GStrv) numbers = g_strsplit(line != NULL ? line : "", " ", -1);

    entry->groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    for (size_t i = 0; numbers[i] != NULL; i++) {
        gid_t gid = (gid_t)strtoul(numbers[i], NULL, 10);

        if (numbers[i][0] != '\0')
            g_array_append_val(entry->groups, gid);
    }
}

/* Numbers of the innermost namespace are what the container sees. */
static bool status_read(ProcessEntry *entry, pid_t *ret_host_ppid)
{
    g_autofree char *status = proc_text(entry->host_pid, "status", NULL);

    if (status == NULL)
        return false;
    entry->pid = (pid_t)status_number(status, "NSpid", -1);
    entry->pgid = (pid_t)status_number(status, "NSpgid", -1);
    entry->ruid = status_number(status, "Uid", 0);
    entry->uid = status_number(status, "Uid", 1);
    entry->rgid = status_number(status, "Gid", 0);
    entry->gid = status_number(status, "Gid", 1);
    entry->seccomp = (int)status_number(status, "Seccomp", 0);
    *ret_host_ppid = (pid_t)status_number(status, "PPid", 0);
    caps_read(entry, status);
    groups_read(entry, status);
    return true;
}

/* A kernel without a security module has an empty file, or none to be read. */
static void label_read(ProcessEntry *entry)
{
    entry->label = proc_text(entry->host_pid, "attr/current", NULL);
    if (entry->label != NULL)
        g_strchomp(entry->label);
}

static bool args_read(ProcessEntry *entry)
{
    size_t length = 0;
    g_autofree char *text = proc_text(entry->host_pid, "cmdline", &length);

    if (text == NULL)
        return false;
    while (length > 0 && text[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++) {
        if (g_ascii_iscntrl(text[i]))
            text[i] = ' ';
    }
    entry->args = length > 0 ? g_strndup(text, length) : g_strdup_printf("[%s]", entry->comm);
    return true;
}

static int compare_pids(gconstpointer a, gconstpointer b)
{
    const ProcessEntry *const *left = a, *const *right = b;

    return (*left)->pid < (*right)->pid ? -1 : (*left)->pid > (*right)->pid;
}

/* One that ends meanwhile is left out. */
static void add_if_inside(const char *cgroup_path, pid_t first, pid_t pid, GPtrArray *entries)
{
    g_autoptr(ProcessEntry) entry = NULL;

    if (pid <= 0 || !(cgroup_path != NULL ? cgroup_has_process(cgroup_path, pid)
                                          : first > 0 && pid_namespace_is_shared(first, pid)))
        return;
    entry = g_new0(ProcessEntry, 1);
    entry->host_pid = pid;
    if (stat_read(entry) && status_read(entry, &entry->ppid) && args_read(entry)) {
        label_read(entry);
        g_ptr_array_add(entries, g_steal_pointer(&entry));
    }
}

/* Parents are host's numbers so far. */
static void translate_parents(GPtrArray *entries)
{
    g_autoptr(GHashTable) pids = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < entries->len; i++) {
        const ProcessEntry *entry = g_ptr_array_index(entries, i);

        g_hash_table_insert(pids, GINT_TO_POINTER(entry->host_pid), GINT_TO_POINTER(entry->pid));
    }
    for (guint i = 0; i < entries->len; i++) {
        ProcessEntry *entry = g_ptr_array_index(entries, i);

        entry->ppid = GPOINTER_TO_INT(g_hash_table_lookup(pids, GINT_TO_POINTER(entry->ppid)));
    }
}

bool process_list(const char *cgroup_path, pid_t first, GPtrArray **ret_entries, GError **error)
{
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(
        (GDestroyNotify)process_entry_free);
    const char *name;

    if (proc == NULL)
        return err_set(error, FLOE_ERROR_IO, "/proc cannot be read");
    while ((name = g_dir_read_name(proc)) != NULL)
        add_if_inside(cgroup_path, first, (pid_t)atoi(name), entries);
    translate_parents(entries);
    g_ptr_array_sort(entries, compare_pids);
    *ret_entries = g_steal_pointer(&entries);
    return true;
}
