/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every section is a table, with a title but for the first, in which the left column is the title
 * of its row. An archive may say anything: what is not of the right type is as if it were not there,
 * and control characters become blanks.
 */
#include "cli/archive-text.h"

#include "cli/field.h"
#include "cli/human.h"
#include "cli/table.h"
#include "cli/value.h"

#include <string.h>

/* Deeper processes are not shown. */
#define DEPTH_MAX 1000

static void add_number(GString *table, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    table_add_cell(table, text);
}

static void add_size(GString *table, int64_t bytes)
{
    g_autofree char *text = human_size((double)bytes);

    table_add_cell(table, text);
}

static void add_header(GString *table, const char *const *titles)
{
    for (; *titles != NULL; titles++)
        table_add_cell(table, *titles);
    table_end_row(table);
}

/* --- the first section ------------------------------------------------------------------------ */

static void add_row(GString *table, const char *title, const char *text)
{
    if (*text == '\0')
        return;
    table_add_cell(table, title);
    table_add_cell(table, text);
    table_end_row(table);
}

/* A word that a shell takes as it stands. */
static bool is_plain(const char *word)
{
    return *word != '\0' &&
           word[strspn(word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_./:=@%+,-")] == '\0';
}

static char *join_command(const json_t *words)
{
    g_autoptr(GString) line = g_string_new(NULL);
    json_t *word;
    size_t i;

    json_array_foreach(words, i, word) {
        const char *text = json_string_value(word) != NULL ? json_string_value(word) : "";
        g_autofree char *quoted = is_plain(text) ? g_strdup(text) : g_shell_quote(text);

        g_string_append_printf(line, "%s%s", i > 0 ? " " : "", quoted);
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}

static char *join_texts(const json_t *texts, const char *front)
{
    g_autoptr(GString) line = g_string_new(NULL);
    json_t *text;
    size_t i;

    json_array_foreach(texts, i, text) {
        if (json_is_string(text))
            g_string_append_printf(line, "%s%s%s", line->len > 0 ? " " : "", front,
                                   json_string_value(text));
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}

/* "2026-11-22T10:07:14Z (3 minutes ago)" */
static char *time_text(const char *time, int64_t now_unix)
{
    int64_t time_ns = 0;

    if (*time == '\0' || !value_time(time, now_unix * 1000000000, &time_ns, NULL))
        return g_strdup(time);

    g_autofree char *ago = human_duration(MAX(now_unix - time_ns / 1000000000, 0));
    ago[0] = g_ascii_tolower(ago[0]);
    return g_strdup_printf("%s (%s ago)", time, ago);
}

/* "podman, runc, CRIU 4.2.1, Linux 6.18 on x86_64" */
static char *maker_text(const json_t *maker)
{
    const char *runtime = field_text(maker, "RuntimeVersion");
    const char *parts[][2] = {
        { "", field_text(maker, "Engine") },
        { " ", field_text(maker, "EngineVersion") },
        { ", ", *runtime != '\0' ? runtime : field_text(maker, "Runtime") },
        { ", CRIU ", field_text(maker, "CriuVersion") },
        { ", Linux ", field_text(maker, "Kernel") },
        { " on ", field_text(maker, "Machine") },
    };
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (*parts[i][1] != '\0')
            g_string_append_printf(text, "%s%s", text->len > 0 ? parts[i][0] : "", parts[i][1]);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* "31.1 kB (zstd), 3.43 MB unpacked" */
static char *archive_line(const json_t *archive)
{
    const json_t *file = json_object_get(archive, "Archive");
    g_autofree char *size = human_size((double)field_integer(file, "Size"));
    g_autofree char *total = human_size(
        (double)field_integer(json_object_get(archive, "Sizes"), "Total"));
    const char *compression = field_text(file, "Compression");

    if (json_object_get(file, "Size") == NULL)
        return g_strdup_printf("%s unpacked (%s)", total, compression);
    return g_strdup_printf("%s (%s), %s unpacked", size, compression, total);
}

static char *sizes_line(const json_t *sizes)
{
    static const struct {
        const char *key;
        const char *words;
    } parts[] = {
        { "Memory", "memory" },         { "RootFiles", "changed files" }, { "Volumes", "volumes" },
        { "SharedMemory", "/dev/shm" }, { "Artifacts", "artifacts" },     { "Log", "log" },
    };
    g_autoptr(GString) line = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *size = human_size((double)field_integer(sizes, parts[i].key));

        if (field_integer(sizes, parts[i].key) > 0)
            g_string_append_printf(line, "%s%s %s", line->len > 0 ? ", " : "", parts[i].words, size);
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}

static void add_networks(GString *table, const json_t *networks)
{
    json_t *network;
    size_t i;

    json_array_foreach(networks, i, network) {
        g_autofree char *addresses = join_texts(json_object_get(network, "Addresses"), "");
        g_autofree char *line = g_strdup_printf("%s %s %s", field_text(network, "Name"), addresses,
                                                field_text(network, "Mac"));

        add_row(table, "Network:", line);
    }
}

static void add_ports(GString *table, const json_t *ports)
{
    json_t *port;
    size_t i;

    json_array_foreach(ports, i, port) {
        int64_t host = field_integer(port, "HostPort"),
                container = field_integer(port, "ContainerPort");
        int64_t more = MAX(field_integer(port, "Range"), 1) - 1;
        const char *address = *field_text(port, "HostIp") != '\0' ? field_text(port, "HostIp")
                                                                  : "0.0.0.0";
        g_autofree char *line = more == 0 ? g_strdup_printf("%s:%" G_GINT64_FORMAT
                                                            "->%" G_GINT64_FORMAT "/%s",
                                                            address, host, container,
                                                            field_text(port, "Protocol"))
                                          : g_strdup_printf("%s:%" G_GINT64_FORMAT
                                                            "->%" G_GINT64_FORMAT "/%s, and the "
                                                            "%" G_GINT64_FORMAT " after it",
                                                            address, host, container,
                                                            field_text(port, "Protocol"), more);

        add_row(table, "Port:", line);
    }
}

static void add_volumes(GString *table, const json_t *volumes)
{
    json_t *volume;
    size_t i;

    json_array_foreach(volumes, i, volume) {
        g_autofree char *size = human_size((double)field_integer(volume, "Size"));
        bool has_contents = json_object_get(volume, "Size") != NULL;
        g_autofree char *line = g_strdup_printf("%s at %s, %s", field_text(volume, "Name"),
                                                field_text(volume, "Destination"),
                                                has_contents ? size : "without its contents");

        add_row(table, "Volume:", line);
    }
}

static void add_container(GString *table, const json_t *archive, int64_t now_unix)
{
    g_autofree char *command = join_command(json_object_get(archive, "Command"));
    g_autofree char *created = time_text(field_text(archive, "Created"), now_unix);
    g_autofree char *checkpointed = time_text(field_text(archive, "Checkpointed"), now_unix);
    g_autofree char *maker = maker_text(json_object_get(archive, "MadeBy"));
    g_autofree char *needs = join_texts(json_object_get(archive, "Needs"), "--");
    g_autofree char *line = archive_line(archive);
    g_autofree char *sizes = sizes_line(json_object_get(archive, "Sizes"));
    const char *kind = field_text(json_object_get(archive, "Archive"), "Kind");

    add_row(table, "Name:", field_text(archive, "Name"));
    add_row(table, "ID:", field_text(archive, "Id"));
    add_row(table, "Pod:", field_text(archive, "Pod"));
    add_row(table, "Image:", field_text(archive, "Image"));
    add_row(table, "Command:", command);
    add_row(table, "Created:", created);
    add_row(table, "Checkpointed:", checkpointed);
    add_row(table, "Made by:", maker);
    add_row(table, "Archive:", line);
    if (strcmp(kind, "container") != 0)
        add_row(table, "Kind:", kind);
    add_row(table, "Contents:", sizes);
    add_networks(table, json_object_get(archive, "Networks"));
    add_ports(table, json_object_get(archive, "Ports"));
    add_volumes(table, json_object_get(archive, "Volumes"));
    add_row(table, "Restore with:", needs);
}

/* --- processes -------------------------------------------------------------------------------- */

/* The command line as it was typed, or the program's name in brackets, as ps does. */
static char *process_text(const json_t *process)
{
    json_t *command = json_object_get(process, "Command");

    if (json_array_size(command) > 0)
        return join_command(command);
    if (strcmp(field_text(process, "State"), "zombie") == 0)
        return g_strdup_printf("[%s] ended with %d", field_text(process, "Name"),
                               (int)field_integer(process, "ExitCode"));
    return g_strdup_printf("[%s]", field_text(process, "Name"));
}

static void add_process(GString *table, const json_t *process, unsigned depth)
{
    bool is_alive = json_object_get(process, "Uid") != NULL;
    g_autofree char *text = process_text(process);
    g_autofree char *line = g_strdup_printf("%*s%s%s%s", depth > 0 ? (int)(depth - 1) * 3 : 0, "",
                                            depth > 0 ? " \\_ " : "", text,
                                            strcmp(field_text(process, "State"), "stopped") == 0
                                                ? " (stopped)"
                                                : "");

    add_number(table, field_integer(process, "Pid"));
    if (is_alive) {
        add_number(table, field_integer(process, "Uid"));
        add_number(table, (int64_t)json_array_size(json_object_get(process, "Threads")));
        add_size(table, field_integer(process, "Memory"));
    } else {
        for (int i = 0; i < 3; i++)
            table_add_cell(table, "-");
    }
    table_add_cell(table, line);
    table_end_row(table);
}

/* children: process id -> GPtrArray of its children. Each has one parent, so there is no way around. */
static void add_tree(GString *table, GHashTable *children, const json_t *process, unsigned depth)
{
    gpointer pid = GINT_TO_POINTER((int)field_integer(process, "Pid"));
    GPtrArray *list = g_hash_table_lookup(children, pid);

    add_process(table, process, depth);
    for (unsigned i = 0; list != NULL && i < list->len && depth < DEPTH_MAX; i++)
        add_tree(table, children, list->pdata[i], depth + 1);
}

static void add_child(GHashTable *children, json_t *process)
{
    gpointer parent = GINT_TO_POINTER((int)field_integer(process, "Ppid"));
    GPtrArray *list = g_hash_table_lookup(children, parent);

    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(children, parent, list);
    }
    g_ptr_array_add(list, process);
}

static void add_processes(GString *table, const json_t *processes)
{
    static const char *const titles[] = { "PID", "UID", "THREADS", "MEMORY", "COMMAND", NULL };
    g_autoptr(GHashTable) pids = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) children = g_hash_table_new_full(NULL, NULL, NULL,
                                                           (GDestroyNotify)g_ptr_array_unref);
    json_t *process;
    size_t i;

    json_array_foreach(processes, i, process) {
        g_hash_table_add(pids, GINT_TO_POINTER((int)field_integer(process, "Pid")));
        add_child(children, process);
    }
    add_header(table, titles);
    json_array_foreach(processes, i, process) {
        if (!g_hash_table_contains(pids, GINT_TO_POINTER((int)field_integer(process, "Ppid"))))
            add_tree(table, children, process, 0);
    }
}

/* --- what they have open ---------------------------------------------------------------------- */

static void add_file(GString *table, const json_t *process, const json_t *file)
{
    const char *path = field_text(file, "Path");
    g_autofree char *pipe = json_object_get(file, "Pipe") != NULL
                                ? g_strdup_printf("%" G_GINT64_FORMAT, field_integer(file, "Pipe"))
                                : g_strdup(field_text(file, "Name"));
    g_autofree char *name = g_strconcat(*path != '\0' ? path : pipe,
                                        json_is_true(json_object_get(file, "Deleted")) ? " (deleted)"
                                                                                       : "",
                                        NULL);

    add_number(table, field_integer(process, "Pid"));
    add_number(table, field_integer(file, "Fd"));
    table_add_cell(table, field_text(file, "Type"));
    table_add_cell(table, field_text(file, "Access"));
    table_add_cell(table, name);
    table_end_row(table);
}

static void add_socket(GString *table, const json_t *process, const json_t *sock)
{
    const char *protocol = field_text(sock, "Protocol"), *family = field_text(sock, "Family");
    bool is_inet = g_str_has_prefix(family, "inet");

    add_number(table, field_integer(process, "Pid"));
    add_number(table, field_integer(sock, "Fd"));
    table_add_cell(table, is_inet ? protocol : family);
    table_add_cell(table, field_text(sock, "State"));
    table_add_cell(table, field_text(sock, "Local"));
    table_add_cell(table, field_text(sock, "Remote"));
    table_end_row(table);
}

static void add_open(GString *table, const json_t *processes, const char *key,
                     const char *const *titles,
                     void (*add)(GString *table, const json_t *process, const json_t *open))
{
    json_t *process, *open;
    size_t i, k;

    add_header(table, titles);
    json_array_foreach(processes, i, process) {
        json_array_foreach(json_object_get(process, key), k, open)
            add(table, process, open);
    }
}

static void add_files(GString *table, const json_t *processes)
{
    static const char *const titles[] = { "PID", "FD", "TYPE", "ACCESS", "NAME", NULL };

    add_open(table, processes, "Files", titles, add_file);
}

static void add_sockets(GString *table, const json_t *processes)
{
    static const char *const titles[] = { "PID", "FD", "PROTOCOL", "STATE", "LOCAL", "REMOTE", NULL };

    add_open(table, processes, "Sockets", titles, add_socket);
}

/* --- mounts, statistics ----------------------------------------------------------------------- */

static void add_mounts(GString *table, const json_t *mounts)
{
    static const char *const titles[] = { "DESTINATION", "TYPE", "SOURCE", NULL };
    json_t *mount;
    size_t i;

    add_header(table, titles);
    json_array_foreach(mounts, i, mount) {
        table_add_cell(table, field_text(mount, "Destination"));
        table_add_cell(table, field_text(mount, "Type"));
        table_add_cell(table, field_text(mount, "Source"));
        table_end_row(table);
    }
}

static void add_statistics(GString *table, const json_t *statistics)
{
    static const struct {
        const char *key;
        const char *title;
        bool is_time;
    } rows[] = {
        { "freezing_time", "Freezing:", true },       { "frozen_time", "Frozen:", true },
        { "memdump_time", "Dump of memory:", true },  { "memwrite_time", "Write of memory:", true },
        { "pages_scanned", "Pages scanned:", false }, { "pages_written", "Pages written:", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t number = field_integer(statistics, rows[i].key);
        g_autofree char *text = rows[i].is_time ? g_strdup_printf("%.1f ms", (double)number / 1000)
                                                : g_strdup_printf("%" G_GINT64_FORMAT, number);

        add_row(table, rows[i].title, text);
    }
}

/* --- all -------------------------------------------------------------------------------------- */

typedef void (*SectionFunction)(GString *table, const json_t *value);

static void print_section(const json_t *value, SectionFunction add, FILE *out)
{
    g_autoptr(GString) table = g_string_new(NULL);

    add(table, value);
    if (table->len == 0)
        return;
    fputc('\n', out);
    table_print(table, out);
}

void archive_print(const json_t *archive, const ArchiveSections *sections, int64_t now_unix,
                   FILE *out)
{
    const struct {
        bool is_wanted;
        const char *key;
        SectionFunction add;
    } all[] = {
        { sections->processes, "Processes", add_processes },
        { sections->files, "Processes", add_files },
        { sections->sockets, "Processes", add_sockets },
        { sections->mounts, "Mounts", add_mounts },
        { sections->statistics, "Statistics", add_statistics },
    };
    g_autoptr(GString) table = g_string_new(NULL);

    add_container(table, archive, now_unix);
    table_print(table, out);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        json_t *value = json_object_get(archive, all[i].key);

        if (all[i].is_wanted && value != NULL)
            print_section(value, all[i].add, out);
    }
}
