/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing a container with CRIU, and what to do with one whose checkpoint was interrupted. */
#pragma once

#include "engine/container.h"

#include <floe/checkpoint.h>

/* The name of CRIU's log of a restore, in the bundle. */
#define RESTORE_LOG "restore.log"

/*
 * Write the CRIU configuration of this container: what the runtimes have no options for.
 *
 * @tcp_close        a restore is to do without the connections
 * @empty_directory  of the images of another host: CriuImages.empty_directory
 */
bool checkpoint_write_criu_config(floe_container *ctr, bool tcp_close, const char *empty_directory,
                                  GError **error);

/*
 * A CRIU failure in words: the runtime's error is replaced by the reason in CRIU's log
 * (LOG_DIR/LOG_NAME), which is kept in the container's directory and named. Without a log the error
 * stays as it is.
 */
void checkpoint_explain(floe_container *ctr, const char *log_dir, const char *log_name,
                        GError **error);

/*
 * Is there anything about the container, or asked for, that a checkpoint cannot be made with? Exec
 * sessions are ended if the options say so. IN_USE, INVALID, MISSING_PART, NOT_FOUND, UNSUPPORTED.
 */
bool checkpoint_check(floe_container *ctr, const floe_checkpoint_options *options, GError **error);

/* The same of its processes alone, and is CRIU there? */
bool checkpoint_check_processes(floe_container *ctr, bool end_sessions, GError **error);

/* Are there CRIU's images in the directory? */
bool checkpoint_is_in(const char *directory);

/* For container_heal(): was the dump complete when floe was killed? */
bool checkpoint_heal(floe_container *ctr, GError **error);

/*
 * The steps of a checkpoint, for one of several containers: all that comes before the freezing (the
 * lock, which keeps health checks away, is held to the end), and the dump of a container whose cgroup
 * is frozen, which stays so with leave_running.
 */
bool checkpoint_prepare(floe_container *ctr, const floe_checkpoint_options *options,
                        Lock *ret_checks, GError **error);
bool checkpoint_dump_frozen(floe_container *ctr, const floe_checkpoint_options *options,
                            int64_t *ret_runtime_us, GError **error);

/* A restore has succeeded: what the record says from now on. The state is running; not saved yet. */
void restore_note_running(floe_container *ctr);

/* The last step of a restore: it is on record, and the checkpoint goes, unless it is kept. */
bool restore_finish(floe_container *ctr, bool keep, GError **error);

/* Connections belong to an address. INVALID. */
bool restore_check_connections(bool established, bool close, bool new_address, GError **error);

/* CRIU's statistics of the restore; zeros where it wrote none. */
void restore_read_stats(const floe_container *ctr, int64_t runtime_us,
                        floe_restore_stats *ret_stats);
