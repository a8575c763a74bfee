/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's log in systemd's journal, which conmon writes with the log driver journald; and what
 * systemd itself says there of a container's end. It is read by libsystemd, which is loaded when it
 * is needed: docs/decisions/ says why.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>

typedef struct Journal Journal;

/* Fields as conmon 2.1 writes them (src/ctr_logging.c). The text is borrowed until the next call. */
typedef struct JournalEntry {
    int64_t unix_ns;
    bool is_stderr;
    bool is_partial; /* the line goes on in the stream's next entry */
    const char *text;
    size_t length;
} JournalEntry;

/* Does journald run here? */
bool journal_is_there(void);

/* What is written of a container, from the first entry on. MISSING_PART: there is no libsystemd. */
bool journal_open(const char *container_id, Journal **ret_journal, GError **error);

void journal_free(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_free)

/* Go to the beginning of the last `n_lines` lines; a line in parts is one. */
bool journal_seek_tail(Journal *journal, int64_t n_lines, GError **error);

/* Go to the first entry of this time or later. */
bool journal_seek_time(Journal *journal, int64_t unix_ns, GError **error);

/* `*ret_has_entry` false: there is none yet, later there may be. */
bool journal_next(Journal *journal, JournalEntry *ret_entry, bool *ret_has_entry, GError **error);

/* Readable when there may be more; journal_note_change() is called then. It stays the journal's. */
bool journal_watch(Journal *journal, int *ret_fd, GError **error);
void journal_note_change(Journal *journal);

/*
 * Wait until journald has written what was sent to it before. A journald that does not answer is none.
 */
void journal_sync(void);

/*
 * Did systemd see the kernel kill a process of this unit for want of memory, since then? False where
 * nothing can be read.
 */
bool journal_tells_oom(const char *unit, int64_t since_unix_ns);
