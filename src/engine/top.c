/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of `top`: podman's format descriptors, of which each is a function here. */
#include "base/clock.h"
#include "base/json.h"
#include "base/path.h"
#include "engine/container-processes.h"
#include "engine/operation.h"
#include "engine/process-list.h"
#include "engine/public-error.h"
#include "oci/capabilities.h"

#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define USERS_LIMIT ((size_t)1024 * 1024)
#define NS_PER_S    G_GINT64_CONSTANT(1000000000)

/* What a column may need beside the process. */
typedef struct View {
    char *passwd, *group; /* the container's; NULL: it has none */
    char *host_passwd, *host_group;
    int64_t uptime_ns;
} View;

static void view_clear(View *view)
{
    g_free(view->passwd);
    g_free(view->group);
    g_free(view->host_passwd);
    g_free(view->host_group);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(View, view_clear)

/* The name of an id in a passwd or group file's text, which have both in the same fields. */
static char *name_of(const char *text, unsigned id)
{
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ":", 4);
        g_autofree char *number = g_strdup_printf("%u", id);

        if (g_strv_length(fields) >= 3 && g_str_equal(fields[2], number))
            return g_utf8_make_valid(fields[0], -1);
    }
    return g_strdup_printf("%u", id);
}

/* "1h2m3.5s", as Go prints a duration. */
static char *duration(int64_t ns)
{
    int64_t seconds = ns / NS_PER_S;
    g_autofree char *fraction = g_strdup_printf(".%09" G_GINT64_FORMAT, ns % NS_PER_S);
    GString *text = g_string_new(NULL);

    for (size_t length = strlen(fraction); length > 0 && strchr("0.", fraction[length - 1]);
         length--)
        fraction[length - 1] = '\0';
    if (seconds >= 3600)
        g_string_append_printf(text, "%" G_GINT64_FORMAT "h", seconds / 3600);
    if (seconds >= 60)
        g_string_append_printf(text, "%" G_GINT64_FORMAT "m", seconds / 60 % 60);
    g_string_append_printf(text, "%" G_GINT64_FORMAT "%ss", seconds % 60, fraction);
    return g_string_free(text, FALSE);
}

static int64_t ticks_ns(uint64_t ticks)
{
    return (int64_t)ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static int64_t elapsed_ns(const ProcessEntry *entry, const View *view)
{
    return MAX(view->uptime_ns - ticks_ns(entry->started_ticks), 1);
}

/* --- columns ---------------------------------------------------------------------------------- */

#define NUMBER(name, format, value) \
    static char *show_##name(const ProcessEntry *entry, const View *view) \
    { \
        return g_strdup_printf(format, value); \
    }

NUMBER(pid, "%d", entry->pid)
NUMBER(hpid, "%d", entry->host_pid)
NUMBER(ppid, "%d", entry->ppid)
NUMBER(pgid, "%d", entry->pgid)
NUMBER(nice, "%ld", entry->nice)
NUMBER(vsz, "%" G_GUINT64_FORMAT, entry->vsz_kib)
NUMBER(rss, "%" G_GUINT64_FORMAT, entry->rss_kib)
NUMBER(state, "%c", entry->state)
NUMBER(pcpu, "%.3f", (double)ticks_ns(entry->time_ticks) * 100 / (double)elapsed_ns(entry, view))

static char *show_user(const ProcessEntry *entry, const View *view)
{
    return name_of(view->passwd, entry->uid);
}

static char *show_ruser(const ProcessEntry *entry, const View *view)
{
    return name_of(view->passwd, entry->ruid);
}

static char *show_group(const ProcessEntry *entry, const View *view)
{
    return name_of(view->group, entry->gid);
}

static char *show_rgroup(const ProcessEntry *entry, const View *view)
{
    return name_of(view->group, entry->rgid);
}

static char *show_huser(const ProcessEntry *entry, const View *view)
{
    return name_of(view->host_passwd, entry->uid);
}

static char *show_hgroup(const ProcessEntry *entry, const View *view)
{
    return name_of(view->host_group, entry->gid);
}

static char *names_of(const char *text, const GArray *ids)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < ids->len; i++) {
        g_autofree char *name = name_of(text, g_array_index(ids, gid_t, i));

        g_string_append_printf(names, "%s%s", i > 0 ? "," : "", name);
    }
    return g_string_free(names, FALSE);
}

static char *show_groups(const ProcessEntry *entry, const View *view)
{
    return names_of(view->group, entry->groups);
}

static char *show_hgroups(const ProcessEntry *entry, const View *view)
{
    return names_of(view->host_group, entry->groups);
}

static char *show_label(const ProcessEntry *entry, const View *view)
{
    bool has_one = entry->label != NULL && entry->label[0] != '\0';

    return has_one ? g_utf8_make_valid(entry->label, -1) : g_strdup("?");
}

/* Of podman's words for it: "none", "full", "CHOWN,KILL". */
#define CAPS(name, set) \
    static char *show_##name(const ProcessEntry *entry, const View *view) \
    { \
        return capabilities_text(entry->caps[set]); \
    }

CAPS(capinh, PROCESS_CAP_INHERITABLE)
CAPS(capprm, PROCESS_CAP_PERMITTED)
CAPS(capeff, PROCESS_CAP_EFFECTIVE)
CAPS(capbnd, PROCESS_CAP_BOUNDING)
CAPS(capamb, PROCESS_CAP_AMBIENT)

static char *show_args(const ProcessEntry *entry, const View *view)
{
    return g_utf8_make_valid(entry->args, -1);
}

static char *show_comm(const ProcessEntry *entry, const View *view)
{
    return g_utf8_make_valid(entry->comm, -1);
}

static char *show_etime(const ProcessEntry *entry, const View *view)
{
    return duration(elapsed_ns(entry, view));
}

static char *show_time(const ProcessEntry *entry, const View *view)
{
    return duration(ticks_ns(entry->time_ticks));
}

/* When it began, by the clock on the wall. */
static char *show_stime(const ProcessEntry *entry, const View *view)
{
    time_t began = (time_t)((clock_unix_ns() - elapsed_ns(entry, view)) / NS_PER_S);
    struct tm local;
    char text[64];

    localtime_r(&began, &local);
    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &local);
    return g_strdup(text);
}

/* Pseudo terminals have the major numbers 136 to 143 (Linux Documentation/admin-guide/devices.txt). */
static char *show_tty(const ProcessEntry *entry, const View *view)
{
    unsigned number = major((dev_t)entry->tty);

    if (number >= 136 && number <= 143)
        return g_strdup_printf("pts/%u", (number - 136) * 256 + minor((dev_t)entry->tty));
    return g_strdup(entry->tty == 0 ? "?" : "tty");
}

static char *show_seccomp(const ProcessEntry *entry, const View *view)
{
    static const char *const names[] = { "disabled", "strict", "filter" };

    return g_strdup(entry->seccomp >= 0 && entry->seccomp < (int)G_N_ELEMENTS(names)
                        ? names[entry->seccomp]
                        : "?");
}

typedef struct Column {
    const char *name;
    char code; /* "%p"; 0: none */
    const char *header;
    char *(*show)(const ProcessEntry *entry, const View *view);
} Column;

static const Column columns[] = {
    { "capamb", 0, "AMBIENT CAPS", show_capamb },
    { "capbnd", 0, "BOUNDING CAPS", show_capbnd },
    { "capeff", 0, "EFFECTIVE CAPS", show_capeff },
    { "capinh", 0, "INHERITED CAPS", show_capinh },
    { "capprm", 0, "PERMITTED CAPS", show_capprm },
    { "groups", 0, "GROUPS", show_groups },
    { "hgroups", 0, "HGROUPS", show_hgroups },
    { "label", 0, "LABEL", show_label },
    { "args", 'a', "COMMAND", show_args },
    { "comm", 'c', "COMMAND", show_comm },
    { "etime", 't', "ELAPSED", show_etime },
    { "group", 'G', "GROUP", show_group },
    { "hgroup", 0, "HGROUP", show_hgroup },
    { "hpid", 0, "HPID", show_hpid },
    { "huser", 0, "HUSER", show_huser },
    { "nice", 'n', "NI", show_nice },
    { "pcpu", 'C', "%CPU", show_pcpu },
    { "pgid", 'r', "PGID", show_pgid },
    { "pid", 'p', "PID", show_pid },
    { "ppid", 'P', "PPID", show_ppid },
    { "rgroup", 'g', "RGROUP", show_rgroup },
    { "rss", 0, "RSS", show_rss },
    { "ruser", 'u', "RUSER", show_ruser },
    { "seccomp", 0, "SECCOMP", show_seccomp },
    { "state", 0, "STATE", show_state },
    { "stime", 0, "STIME", show_stime },
    { "time", 'x', "TIME", show_time },
    { "tty", 'y', "TTY", show_tty },
    { "user", 'U', "USER", show_user },
    { "vsz", 'z', "VSZ", show_vsz },
};

static const char *const default_columns[] = { "user", "pid",  "ppid", "pcpu", "etime",
                                               "tty",  "time", "args", NULL };

static bool column_find(const char *name, const Column **ret_column, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        bool is_code = columns[i].code != 0 && name[0] == '%' && name[1] == columns[i].code &&
                       name[2] == '\0';

        if (is_code || g_str_equal(columns[i].name, name)) {
            *ret_column = &columns[i];
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_INVALID, "unknown descriptor '%s'", name);
}

/* Words, of which each may have several with commas between. */
static bool columns_find(const char *const *descriptors, GPtrArray *found, GError **error)
{
    if (descriptors == NULL || descriptors[0] == NULL)
        descriptors = default_columns;
    for (; *descriptors != NULL; descriptors++) {
        g_auto(GStrv) names = g_strsplit(*descriptors, ",", -1);

        for (size_t i = 0; names[i] != NULL; i++) {
            const Column *column = NULL;

            if (!column_find(g_strstrip(names[i]), &column, error))
                return false;
            g_ptr_array_add(found, (gpointer)column);
        }
    }
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void view_read(View *view, pid_t pid)
{
    g_autofree char *root = g_strdup_printf("/proc/%d/root", pid);
    autofd int root_fd = -1;
    struct timespec now;

    if (root_open(root, &root_fd, NULL)) {
        root_read_file(root_fd, "/etc/passwd", USERS_LIMIT, &view->passwd, NULL, NULL);
        root_read_file(root_fd, "/etc/group", USERS_LIMIT, &view->group, NULL, NULL);
    }
    file_read("/etc/passwd", USERS_LIMIT, &view->host_passwd, NULL, NULL);
    file_read("/etc/group", USERS_LIMIT, &view->host_group, NULL, NULL);
    clock_gettime(CLOCK_BOOTTIME, &now);
    view->uptime_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
}

static json_t *row_new(const ProcessEntry *entry, const View *view, const GPtrArray *found)
{
    json_t *row = json_array();

    for (guint i = 0; i < found->len; i++) {
        const Column *column = g_ptr_array_index(found, i);
        g_autofree char *text = column->show(entry, view);

        json_array_append_new(row, json_string(text));
    }
    return row;
}

static bool container_top(floe_container *ctr, const char *const *descriptors, char **ret_json,
                          GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(JsonValue) titles = json_array();
    g_autoptr(JsonValue) rows = json_array();
    g_auto(View) view = { 0 };

    if (!columns_find(descriptors, found, error) ||
        !operation_enter(ctr, OPERATION_TOP, &op, error) ||
        !container_list_processes(ctr, &entries, error))
        return false;
    view_read(&view, ctr->record->status.pid);
    operation_leave(&op); /* a container of many processes with many users takes its time */
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(titles, json_string(((const Column *)found->pdata[i])->header));
    for (guint i = 0; i < entries->len; i++)
        json_array_append_new(rows, row_new(g_ptr_array_index(entries, i), &view, found));

    g_autoptr(JsonValue) object = json_pack("{s:O, s:O}", "Titles", titles, "Processes", rows);

    *ret_json = json_to_text(object);
    return true;
}

bool floe_container_top(floe_container *container, const char *const *descriptors, char **ret_json,
                        floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_json), NULL) &&
                             container_top(container, descriptors, ret_json, &err),
                         &err, error);
}
