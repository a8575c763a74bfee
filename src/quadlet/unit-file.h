/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file in the syntax of systemd's units, systemd.syntax(7): read together with its drop-ins, asked
 * for values, and written. An order of its own, sections that come twice and keys that come several
 * times are kept.
 */
#pragma once

#include "base/error.h"

typedef struct UnitEntry {
    char *section;
    char *key;
    char *value;
    char *file; /* where it stands; NULL: it was made */
    unsigned line;
} UnitEntry;

typedef struct UnitFile {
    char *name; /* "web.container" */
    char *path; /* of the file itself, drop-ins aside */
    GPtrArray *entries;
} UnitFile;

UnitFile *unit_file_new(const char *name, const char *path);
void unit_file_free(UnitFile *unit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UnitFile, unit_file_free)

/* Add what a file says behind what there is. INVALID names the file and the line. */
bool unit_file_read(UnitFile *unit, const char *path, GError **error);

/* The same of a text; `path` is what errors call it. */
bool unit_file_parse(UnitFile *unit, const char *path, const char *text, GError **error);

void unit_file_add(UnitFile *unit, const char *section, const char *key, const char *value);

bool unit_file_has(const UnitFile *unit, const char *section, const char *key);

/* The last value, or NULL when there is none or it is empty. */
const char *unit_file_last(const UnitFile *unit, const char *section, const char *key);

/* All values since the last empty one, which begins the list anew. Borrowed; freed with g_free(). */
const char **unit_file_values(const UnitFile *unit, const char *section, const char *key);

/* "yes", "true", "on", "1" and their opposites, as systemd takes them. INVALID. */
bool unit_file_bool(const UnitFile *unit, const char *section, const char *key, bool fallback,
                    bool *ret_value, GError **error);

/* INVALID, with the place of an entry, or the file's name where `entry` is NULL. Returns false. */
bool unit_entry_error(GError **error, const UnitFile *unit, const UnitEntry *entry,
                      const char *format, ...) G_GNUC_PRINTF(4, 5);

/* The entry that unit_file_last() is about; NULL: there is none. */
const UnitEntry *unit_file_last_entry(const UnitFile *unit, const char *section, const char *key);

/* The text: section after section, each once, in the order in which they first came. */
char *unit_file_text(const UnitFile *unit);
