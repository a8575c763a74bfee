/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log-source.h"

#include "base/clock.h"
#include "base/log.h"
#include "oci/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- drivers ---------------------------------------------------------------------------------- */

bool log_driver_apply(const char *name, ContainerConfig *config, GError **error)
{
    static const struct {
        const char *name, *driver;
    } drivers[] = {
        { LOG_DRIVER_FILE, LOG_DRIVER_FILE },
        { "json-file", LOG_DRIVER_FILE },
        { LOG_DRIVER_JOURNALD, LOG_DRIVER_JOURNALD },
        { LOG_DRIVER_NONE, LOG_DRIVER_NONE },
        { LOG_DRIVER_PASSTHROUGH, LOG_DRIVER_PASSTHROUGH },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(drivers) && config->log_driver == NULL; i++) {
        if (name == NULL || g_str_equal(name, drivers[i].name))
            config->log_driver = g_strdup(drivers[i].driver);
    }
    if (config->log_driver == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--log-driver '%s' is not supported (k8s-file, json-file, journald, "
                       "passthrough or none)",
                       name);
    if (log_driver_is(config, LOG_DRIVER_JOURNALD) && !journal_is_there())
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "--log-driver journald: journald does not run on this host");
    if (log_driver_is(config, LOG_DRIVER_PASSTHROUGH) && config->tty)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--log-driver passthrough and --tty exclude each other");
    return true;
}

bool log_options_apply(const floe_create_options *options, ContainerConfig *config, GError **error)
{
    bool wants_file = options->log_path != NULL || options->log_max_bytes != 0;
    g_autofree char *directory = NULL;

    if (wants_file && !log_driver_is(config, LOG_DRIVER_FILE))
        return err_set(error, FLOE_ERROR_INVALID,
                       "a path and a size of the log are for the log driver " LOG_DRIVER_FILE);
    if (options->log_tag != NULL && !log_driver_is(config, LOG_DRIVER_JOURNALD))
        return err_set(error, FLOE_ERROR_INVALID,
                       "a tag of the log is for the log driver " LOG_DRIVER_JOURNALD);
    if (options->log_max_bytes < 0)
        return err_set(error, FLOE_ERROR_INVALID, "the size of the log is negative");
    config->log_max_bytes = options->log_max_bytes;
    config->log_tag = g_strdup(options->log_tag);
    if (options->log_path == NULL)
        return true;
    config->log_path = g_canonicalize_filename(options->log_path, NULL);
    directory = g_path_get_dirname(config->log_path);
    return g_file_test(directory, G_FILE_TEST_IS_DIR) ||
           err_set(error, FLOE_ERROR_NOT_FOUND, "log '%s': there is no directory '%s'",
                   options->log_path, directory);
}

bool log_driver_is(const ContainerConfig *config, const char *driver)
{
    return g_strcmp0(config->log_driver, driver) == 0;
}

char *log_driver_target(const floe_container *ctr)
{
    return log_driver_is(&ctr->record->config, LOG_DRIVER_FILE)
               ? g_strconcat("k8s-file:", ctr->paths.log, NULL)
               : g_strdup(ctr->record->config.log_driver);
}

/* --- the source ------------------------------------------------------------------------------- */

struct LogSource {
    int fd; /* of the file; -1 with a journal */
    LogReader *file;
    Journal *journal;
    int64_t end_unix_ns; /* what came into the journal later does not count */
    char *time;          /* of the last line out of the journal */
};

static LogSource *source_new(void)
{
    LogSource *source = g_new0(LogSource, 1);

    source->fd = -1;
    return source;
}

void log_source_free(LogSource *source)
{
    if (source == NULL)
        return;
    log_reader_free(source->file);
    journal_free(source->journal);
    fd_cleanup(&source->fd);
    g_free(source->time);
    g_free(source);
}

/*
 * Who does not follow the log gets what is in it now, however fast the container writes more.
 * *ret_is_there false: the container was never started.
 */
static bool open_file(LogSource *source, const char *path, const floe_logs_options *options,
                      bool *ret_is_there, GError **error)
{
    off_t start = 0;
    off_t size;

    source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    *ret_is_there = source->fd >= 0;
    if (source->fd < 0)
        return errno == ENOENT || err_set_errno(error, "open");
    size = lseek(source->fd, 0, SEEK_END);
    if (size < 0)
        return err_set_errno(error, "seek");
    if (options->tail >= 0 && !log_find_tail(source->fd, size, options->tail, &start, error))
        return false;
    source->file = log_reader_new(source->fd, start, options->follow ? LOG_NO_END : size);
    return true;
}

/* It is watched before it is read: what comes in between is not missed. */
static bool open_journal(LogSource *source, const char *id, const floe_logs_options *options,
                         GError **error)
{
    int fd = -1;

    journal_sync();
    source->end_unix_ns = options->follow ? G_MAXINT64 : clock_unix_ns();
    if (!journal_open(id, &source->journal, error) ||
        (options->follow && !journal_watch(source->journal, &fd, error)))
        return false;
    if (options->tail >= 0)
        return journal_seek_tail(source->journal, options->tail, error);
    return options->since_unix_ns == 0 ||
           journal_seek_time(source->journal, options->since_unix_ns, error);
}

bool log_source_open(const floe_container *ctr, const floe_logs_options *options,
                     LogSource **ret_source, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autoptr(LogSource) source = source_new();
    bool is_there = true;

    if (log_driver_is(config, LOG_DRIVER_NONE) || log_driver_is(config, LOG_DRIVER_PASSTHROUGH))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "container \"%s\" has no log: it was created with the log driver %s",
                       ctr->record->name, config->log_driver);
    if (log_driver_is(config, LOG_DRIVER_JOURNALD)) {
        if (!open_journal(source, ctr->record->id, options, error))
            return false;
    } else if (!open_file(source, ctr->paths.log, options, &is_there, error)) {
        return err_prefix(error, "log '%s'", ctr->paths.log);
    }
    *ret_source = is_there ? g_steal_pointer(&source) : NULL;
    return true;
}

static bool next_of_journal(LogSource *source, LogLine *ret_line, bool *ret_has_line, GError **error)
{
    JournalEntry entry;

    if (!journal_next(source->journal, &entry, ret_has_line, error))
        return false;
    *ret_has_line = *ret_has_line && entry.unix_ns <= source->end_unix_ns;
    if (!*ret_has_line)
        return true;
    g_free(source->time);
    source->time = time_to_rfc3339(entry.unix_ns);
    *ret_line = (LogLine){
        .time = source->time,
        .time_length = strlen(source->time),
        .stream = entry.is_stderr ? LOG_STDERR : LOG_STDOUT,
        .is_partial = entry.is_partial,
        .text = entry.text,
        .length = entry.length,
    };
    return true;
}

bool log_source_next(LogSource *source, LogLine *ret_line, bool *ret_has_line, GError **error)
{
    return source->journal != NULL ? next_of_journal(source, ret_line, ret_has_line, error)
                                   : log_reader_next(source->file, ret_line, ret_has_line, error);
}

bool log_source_watch(LogSource *source, int *ret_fd, GError **error)
{
    *ret_fd = -1;
    return source->journal == NULL || journal_watch(source->journal, ret_fd, error);
}

void log_source_note_change(LogSource *source)
{
    if (source->journal != NULL)
        journal_note_change(source->journal);
}

void log_source_settle(LogSource *source)
{
    if (source->journal == NULL)
        return;
    journal_sync();
    journal_note_change(source->journal);
}

void log_source_finish(const LogSource *source, const floe_container *ctr)
{
    uint64_t n_ignored = source->file != NULL ? log_reader_n_ignored(source->file) : 0;

    if (n_ignored > 0)
        log_warn("%" G_GUINT64_FORMAT " lines of '%s' are not as conmon writes them, ignoring them",
                 (guint64)n_ignored, ctr->paths.log);
}
