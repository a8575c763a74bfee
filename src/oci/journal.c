/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/journal.h"

#include "base/fd.h"
#include "base/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#define LIBRARY         "libsystemd.so.0"
#define JOURNALD_SOCKET "/run/systemd/journal/socket"
#define VARLINK_SOCKET  "/run/systemd/journal/io.systemd.journal"
#define SYNC_TIMEOUT_S  5
#define NS_PER_US       1000
#define PRIORITY_ERR    '3' /* what conmon gives standard error */

/* --- the library ------------------------------------------------------------------------------ */

#define FUNCTIONS(USE) \
    USE(open) \
    USE(close) \
    USE(add_match) \
    USE(set_data_threshold) \
    USE(seek_head) \
    USE(seek_tail) \
    USE(seek_realtime_usec) \
    USE(next) \
    USE(previous) \
    USE(get_data) \
    USE(get_realtime_usec) \
    USE(get_fd) \
    USE(process)

#define MEMBER(name) __typeof__(sd_journal_##name) *name;
#define SYMBOL(name) { "sd_journal_" #name, (void **)&loaded.name },

typedef struct Library {
    FUNCTIONS(MEMBER)
} Library;

/* NULL: it is not there, or too old. */
static const Library *load_library(void)
{
    static Library loaded;
    const struct {
        const char *name;
        void **function;
    } symbols[] = { FUNCTIONS(SYMBOL) };
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (handle == NULL) {
        log_debug("%s", dlerror());
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(symbols); i++) {
        *symbols[i].function = dlsym(handle, symbols[i].name);
        if (*symbols[i].function == NULL) {
            log_debug("%s", dlerror());
            dlclose(handle);
            return NULL;
        }
    }
    return &loaded;
}

/* It stays loaded: several threads may read journals. */
static const Library *library(void)
{
    static gsize is_tried;
    static const Library *found;

    if (g_once_init_enter(&is_tried)) {
        found = load_library();
        g_once_init_leave(&is_tried, 1);
    }
    return found;
}

/* --- the journal ------------------------------------------------------------------------------ */

struct Journal {
    const Library *library;
    sd_journal *handle;
};

/* What libsystemd returns instead of setting errno. */
static bool set_error(GError **error, int result, const char *what)
{
    errno = -result;
    return err_set_errno(error, "%s the journal", what);
}

bool journal_is_there(void)
{
    return access(JOURNALD_SOCKET, F_OK) == 0;
}

/* At the beginning of the entries that match all of these. */
static bool open_matching(const char *const *matches, Journal **ret_journal, GError **error)
{
    g_autoptr(Journal) journal = g_new0(Journal, 1);
    int result;

    journal->library = library();
    if (journal->library == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       LIBRARY ", which reads the journal, is not installed (package libsystemd0)");
    result = journal->library->open(&journal->handle, SD_JOURNAL_LOCAL_ONLY);
    if (result >= 0)
        result = journal->library->set_data_threshold(journal->handle, 0);
    for (; result >= 0 && *matches != NULL; matches++)
        result = journal->library->add_match(journal->handle, *matches, 0);
    if (result >= 0)
        result = journal->library->seek_head(journal->handle);
    if (result < 0)
        return set_error(error, result, "open");
    *ret_journal = g_steal_pointer(&journal);
    return true;
}

bool journal_open(const char *container_id, Journal **ret_journal, GError **error)
{
    g_autofree char *match = g_strconcat("CONTAINER_ID_FULL=", container_id, NULL);
    const char *const matches[] = { match, NULL };

    return open_matching(matches, ret_journal, error);
}

void journal_free(Journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->handle != NULL)
        journal->library->close(journal->handle);
    g_free(journal);
}

/* --- entries ---------------------------------------------------------------------------------- */

/* The value of a field of the entry; NULL: it has none. */
static const char *get_field(const Journal *journal, const char *name, size_t *ret_length)
{
    size_t skipped = strlen(name) + 1;
    const void *data = NULL;
    size_t length = 0;

    if (journal->library->get_data(journal->handle, name, &data, &length) < 0 || length < skipped)
        return NULL;
    *ret_length = length - skipped;
    return (const char *)data + skipped;
}

static bool is_partial(const Journal *journal)
{
    size_t length = 0;
    const char *value = get_field(journal, "CONTAINER_PARTIAL_MESSAGE", &length);

    return value != NULL && length == strlen("true") && memcmp(value, "true", length) == 0;
}

static void read_entry(const Journal *journal, JournalEntry *ret_entry)
{
    JournalEntry entry = { .is_partial = is_partial(journal) };
    size_t length = 0;
    const char *priority = get_field(journal, "PRIORITY", &length);
    uint64_t unix_us = 0;

    entry.is_stderr = priority != NULL && length == 1 && priority[0] == PRIORITY_ERR;
    if (journal->library->get_realtime_usec(journal->handle, &unix_us) >= 0)
        entry.unix_ns = (int64_t)unix_us * NS_PER_US;
    /* Last, for a call of the library may end what one before has lent. */
    entry.text = get_field(journal, "MESSAGE", &entry.length);
    if (entry.text == NULL) {
        entry.text = "";
        entry.length = 0;
    }
    /* Some versions of conmon write the newline of a whole line, too. */
    if (!entry.is_partial && entry.length > 0 && entry.text[entry.length - 1] == '\n')
        entry.length--;
    *ret_entry = entry;
}

bool journal_next(Journal *journal, JournalEntry *ret_entry, bool *ret_has_entry, GError **error)
{
    int result = journal->library->next(journal->handle);

    if (result < 0)
        return set_error(error, result, "read");
    *ret_has_entry = result > 0;
    if (result > 0)
        read_entry(journal, ret_entry);
    return true;
}

/* --- places ----------------------------------------------------------------------------------- */

/* Backwards to the entry that ends the line before those that are wanted. */
bool journal_seek_tail(Journal *journal, int64_t n_lines, GError **error)
{
    bool is_last = true;
    int result = journal->library->seek_tail(journal->handle);

    while (result >= 0 && (result = journal->library->previous(journal->handle)) > 0) {
        if ((is_last || !is_partial(journal)) && n_lines-- <= 0)
            return true;
        is_last = false;
    }
    if (result >= 0)
        result = journal->library->seek_head(journal->handle);
    return result >= 0 || set_error(error, result, "seek in");
}

bool journal_seek_time(Journal *journal, int64_t unix_ns, GError **error)
{
    int result = journal->library->seek_realtime_usec(journal->handle,
                                                      (uint64_t)MAX(unix_ns, 0) / NS_PER_US);

    return result >= 0 || set_error(error, result, "seek in");
}

/* --- changes ---------------------------------------------------------------------------------- */

bool journal_watch(Journal *journal, int *ret_fd, GError **error)
{
    int result = journal->library->get_fd(journal->handle);

    if (result < 0)
        return set_error(error, result, "watch");
    *ret_fd = result;
    return true;
}

void journal_note_change(Journal *journal)
{
    journal->library->process(journal->handle);
}

/* One call of varlink: a JSON text that ends with a NUL, and one such answer. */
static bool call_journald(GError **error)
{
    static const char request[] = "{\"method\":\"io.systemd.Journal.Synchronize\"}";
    const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = VARLINK_SOCKET };
    const struct timeval timeout = { .tv_sec = SYNC_TIMEOUT_S };
    autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char answer[1024];
    ssize_t n;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return err_set_errno(error, "connect to journald");
    /* With the NUL. */
    if (send(fd, request, sizeof(request), MSG_NOSIGNAL) != (ssize_t)sizeof(request))
        return err_set_errno(error, "ask journald");
    n = TEMP_FAILURE_RETRY(recv(fd, answer, sizeof(answer), 0));
    return n > 0 || err_set_errno(error, "wait for journald");
}

void journal_sync(void)
{
    g_autoptr(GError) err = NULL;

    if (!call_journald(&err))
        log_debug("the journal may lack the last lines: %s", err->message);
}

bool journal_tells_oom(const char *unit, int64_t since_unix_ns)
{
    g_autofree char *unit_match = g_strconcat("UNIT=", unit, NULL);
    /* SD_MESSAGE_UNIT_OUT_OF_MEMORY of sd-messages(3). */
    const char *const matches[] = { "MESSAGE_ID=fe6faa94e7774663a0da52717891d8ef", "_PID=1",
                                    unit_match, NULL };
    g_autoptr(Journal) journal = NULL;
    g_autoptr(GError) err = NULL;
    JournalEntry entry;
    bool has_entry = false;

    journal_sync();
    if (!open_matching(matches, &journal, &err) ||
        !journal_seek_time(journal, since_unix_ns, &err) ||
        !journal_next(journal, &entry, &has_entry, &err))
        log_debug("whether %s ended for want of memory is unknown: %s", unit, err->message);
    return has_entry;
}
