/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exec sessions: commands that run in a container beside its first process. They go with their
 * container.
 */
#pragma once

#include "state/database.h"

typedef struct ExecRecord {
    char *id;
    char *container_id;
    char **command;
    char *user; /* as it was asked for; NULL: root */
    bool privileged;
    bool tty;
    int pid; /* on the host; 0: not begun */
    int conmon_pid;
} ExecRecord;

void exec_record_free(ExecRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExecRecord, exec_record_free)

/* NOT_FOUND: no such container. */
bool exec_insert(Database *db, const ExecRecord *record, GError **error);

/* NOT_FOUND when the session went meanwhile. */
bool exec_save(Database *db, const ExecRecord *record, GError **error);

/* Missing is success. */
bool exec_delete(Database *db, const char *id, GError **error);

/* GPtrArray of ExecRecord *, in order of their beginning. */
bool exec_list(Database *db, const char *container_id, GPtrArray **ret_records, GError **error);
