/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/event-log.h"

#include "base/lock.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME     "events.log"
#define OLD_FILE_NAME "events.log.1"
#define LOCK_NAME     "lock"
#define READ_BLOCK    ((size_t)64 * 1024)
#define LOOK_TRIES    16
#define NS_PER_S      INT64_C(1000000000)

/* --- writing ---------------------------------------------------------------------------------- */

static bool open_for_append(const char *directory, const char *path, int *ret_fd, GError **error)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 && errno == ENOENT) {
        if (!dir_make(directory, 0700, error))
            return false;
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    *ret_fd = fd;
    return true;
}

/* The lock keeps two that saw the full file from renaming twice. Who does not get it writes on. */
static bool rotate(const char *directory, const char *path, GError **error)
{
    g_autofree char *lock_path = g_build_filename(directory, LOCK_NAME, NULL);
    g_autofree char *old_path = g_build_filename(directory, OLD_FILE_NAME, NULL);
    g_auto(Lock) lock = LOCK_NONE;
    struct stat info;
    bool taken;

    if (!lock_try(lock_path, &lock, &taken, error))
        return false;
    if (!taken || stat(path, &info) < 0 || info.st_size < EVENT_LOG_MAX_BYTES)
        return true;
    if (rename(path, old_path) < 0)
        return err_set_errno(error, "rename '%s' to '%s'", path, old_path);
    return true;
}

bool event_log_append(const char *directory, const char *line, size_t length, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);
    autofd int fd = -1;
    struct stat info;
    ssize_t written;

    if (length > EVENT_LINE_MAX_BYTES)
        return err_set(error, FLOE_ERROR_INVALID, "an event of %zu bytes is too long", length);
    if (!open_for_append(directory, path, &fd, error))
        return false;
    if (fstat(fd, &info) == 0 && info.st_size >= EVENT_LOG_MAX_BYTES) {
        fd_cleanup(&fd);
        if (!rotate(directory, path, error) || !open_for_append(directory, path, &fd, error))
            return false;
    }
    written = TEMP_FAILURE_RETRY(write(fd, line, length));
    if (written < 0)
        return err_set_errno(error, "write '%s'", path);
    if ((size_t)written < length)
        return err_set(error, FLOE_ERROR_IO, "write '%s': no space is left", path);
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A file being read; it may have been renamed since, or be gone. */
typedef struct LogFile {
    int fd;
    ino_t inode;
    GString *text; /* what is read */
    gsize at;      /* so much of it is given away */
} LogFile;

struct EventLogReader {
    char *path;
    char *old_path;
    int64_t since_unix_ns;
    GPtrArray *files; /* LogFile, the oldest first */
    int inotify_fd;   /* -1: it does not follow */
};

static void log_file_free(gpointer data)
{
    LogFile *file = data;

    fd_cleanup(&file->fd);
    g_string_free(file->text, TRUE);
    g_free(file);
}

static bool open_to_read(const char *path, int *ret_fd, ino_t *ret_inode, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat info = { 0 };

    if (fd < 0 && errno != ENOENT)
        return err_set_errno(error, "open '%s'", path);
    if (fd >= 0 && fstat(fd, &info) < 0)
        return err_set_errno(error, "stat '%s'", path);
    *ret_inode = info.st_ino;
    *ret_fd = g_steal_fd(&fd);
    return true;
}

/*
 * Is all of it older? Then only what comes is of interest. The kernel takes a file's time from a
 * clock that is some milliseconds behind.
 */
static bool is_older(int fd, int64_t unix_ns)
{
    struct stat info;

    return fstat(fd, &info) == 0 &&
           (info.st_mtim.tv_sec + 1) * NS_PER_S + info.st_mtim.tv_nsec < unix_ns;
}

/* Unless it is being read already. */
static void add_file(EventLogReader *reader, int *taken_fd, ino_t inode)
{
    autofd int fd = g_steal_fd(taken_fd);
    LogFile *file;

    if (fd < 0)
        return;
    for (guint i = 0; i < reader->files->len; i++) {
        if (((LogFile *)g_ptr_array_index(reader->files, i))->inode == inode)
            return;
    }
    if (is_older(fd, reader->since_unix_ns))
        lseek(fd, 0, SEEK_END);
    file = g_new0(LogFile, 1);
    file->fd = g_steal_fd(&fd);
    file->inode = inode;
    file->text = g_string_new(NULL);
    g_ptr_array_add(reader->files, file);
}

/* What is neither of the two files any more gets no more lines, and has been read to its end. */
static void drop_files(EventLogReader *reader, ino_t old_inode, ino_t inode)
{
    for (guint i = reader->files->len; i > 0; i--) {
        const LogFile *file = g_ptr_array_index(reader->files, i - 1);

        if (file->inode != old_inode && file->inode != inode)
            g_ptr_array_remove_index(reader->files, i - 1);
    }
}

/* Which files are there now? One that is renamed between the two looks is seen twice. */
static bool look(EventLogReader *reader, GError **error)
{
    for (int tries = 0; tries < LOOK_TRIES; tries++) {
        autofd int old_fd = -1;
        autofd int fd = -1;
        ino_t old_inode = 0;
        ino_t inode = 0;

        if (!open_to_read(reader->path, &fd, &inode, error) ||
            !open_to_read(reader->old_path, &old_fd, &old_inode, error))
            return false;
        if (fd >= 0 && old_fd >= 0 && inode == old_inode)
            continue;
        drop_files(reader, old_inode, inode);
        add_file(reader, &old_fd, old_inode);
        add_file(reader, &fd, inode);
        return true;
    }
    return err_set(error, FLOE_ERROR_IO, "'%s' is renamed all the time", reader->path);
}

static bool watch(const char *directory, EventLogReader *reader, GError **error)
{
    if (!dir_make(directory, 0700, error))
        return false;
    reader->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (reader->inotify_fd < 0)
        return err_set_errno(error, "make an inotify descriptor");
    if (inotify_add_watch(reader->inotify_fd, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
        return err_set_errno(error, "watch '%s'", directory);
    return true;
}

/* First the watch, then the look: what is written in between is not missed. */
bool event_log_open(const char *directory, int64_t since_unix_ns, bool follow,
                    EventLogReader **ret_reader, GError **error)
{
    g_autoptr(EventLogReader) reader = g_new0(EventLogReader, 1);

    reader->path = g_build_filename(directory, FILE_NAME, NULL);
    reader->old_path = g_build_filename(directory, OLD_FILE_NAME, NULL);
    reader->since_unix_ns = since_unix_ns;
    reader->files = g_ptr_array_new_with_free_func(log_file_free);
    reader->inotify_fd = -1;
    if ((follow && !watch(directory, reader, error)) || !look(reader, error))
        return false;
    *ret_reader = g_steal_pointer(&reader);
    return true;
}

void event_log_close(EventLogReader *reader)
{
    if (reader == NULL)
        return;
    fd_cleanup(&reader->inotify_fd);
    g_ptr_array_free(reader->files, TRUE);
    g_free(reader->path);
    g_free(reader->old_path);
    g_free(reader);
}

int event_log_fd(const EventLogReader *reader)
{
    return reader->inotify_fd;
}

/* One more block of the file behind what is left of the last one; 0: it has no more. */
static ssize_t read_block(LogFile *file)
{
    gsize length;
    ssize_t n;

    g_string_erase(file->text, 0, (gssize)file->at);
    file->at = 0;
    /* No line is as long: it is not of our writing. */
    if (file->text->len > EVENT_LINE_MAX_BYTES)
        g_string_truncate(file->text, 0);
    length = file->text->len;
    g_string_set_size(file->text, length + READ_BLOCK);
    n = TEMP_FAILURE_RETRY(read(file->fd, file->text->str + length, READ_BLOCK));
    g_string_set_size(file->text, length + (gsize)MAX(n, 0));
    return n;
}

static bool read_line(LogFile *file, const char **ret_line, GError **error)
{
    ssize_t n;

    *ret_line = NULL;
    do {
        char *begin = file->text->str + file->at;
        char *end = memchr(begin, '\n', file->text->len - file->at);

        if (end != NULL) {
            *end = '\0';
            file->at += (gsize)(end - begin) + 1;
            *ret_line = begin;
            return true;
        }
        n = read_block(file);
    } while (n > 0);
    return n == 0 || err_set_errno(error, "read the events");
}

/* Has anything happened to the files since the last time? */
static bool has_news(const EventLogReader *reader)
{
    _Alignas(struct inotify_event) char buffer[4096];
    bool has = false;

    while (reader->inotify_fd >= 0 && read(reader->inotify_fd, buffer, sizeof(buffer)) > 0)
        has = true;
    return has;
}

bool event_log_next(EventLogReader *reader, const char **ret_line, GError **error)
{
    for (;;) {
        for (guint i = 0; i < reader->files->len; i++) {
            if (!read_line(g_ptr_array_index(reader->files, i), ret_line, error))
                return false;
            if (*ret_line != NULL)
                return true;
        }
        if (!has_news(reader))
            return true;
        if (!look(reader, error))
            return false;
    }
}
