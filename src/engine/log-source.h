/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a container's log is, by its log driver, and its lines one by one: conmon's file, or the
 * journal.
 */
#pragma once

#include "engine/container.h"
#include "engine/log-reader.h"

#define LOG_DRIVER_FILE        "k8s-file"
#define LOG_DRIVER_JOURNALD    "journald"
#define LOG_DRIVER_NONE        "none"
#define LOG_DRIVER_PASSTHROUGH "passthrough"

/* NULL: the default. "json-file" is k8s-file. INVALID; UNSUPPORTED: journald does not run here. */
bool log_driver_apply(const char *name, ContainerConfig *config, GError **error);

/* Where it goes, and how large it gets; after the driver. INVALID: not of this driver. */
bool log_options_apply(const floe_create_options *options, ContainerConfig *config, GError **error);

bool log_driver_is(const ContainerConfig *config, const char *driver);

/* What conmon is told of it: "k8s-file:PATH". Freed by the caller. */
char *log_driver_target(const floe_container *ctr);

typedef struct LogSource LogSource;

/*
 * From the beginning, or where `options` wants it. `*ret_source` NULL: there is no log yet.
 * UNSUPPORTED: with this driver nothing can be read.
 */
bool log_source_open(const floe_container *ctr, const floe_logs_options *options,
                     LogSource **ret_source, GError **error);
void log_source_free(LogSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogSource, log_source_free)

/* As log_reader_next(). */
bool log_source_next(LogSource *source, LogLine *ret_line, bool *ret_has_line, GError **error);

/* A descriptor that is readable when there may be more; -1: the file is to be watched. */
bool log_source_watch(LogSource *source, int *ret_fd, GError **error);
void log_source_note_change(LogSource *source);

/* The container has ended: what it wrote last is to be there with the next line. */
void log_source_settle(LogSource *source);

/* Warn of what was no line. */
void log_source_finish(const LogSource *source, const floe_container *ctr);
