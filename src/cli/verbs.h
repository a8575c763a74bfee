/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: one function, one file each; main.c holds the table of them. */
#pragma once

#include "cli/cli.h"

int cmd_attach(Cli *cli, char **argv);
int cmd_checkpoint(Cli *cli, char **argv);
int cmd_cleanup(Cli *cli, char **argv);
int cmd_container_artifact(Cli *cli, char **argv);
int cmd_container_diff(Cli *cli, char **argv);
int cmd_container_exists(Cli *cli, char **argv);
int cmd_container_inspect(Cli *cli, char **argv);
int cmd_container_prune(Cli *cli, char **argv);
int cmd_cp(Cli *cli, char **argv);
int cmd_create(Cli *cli, char **argv);
int cmd_diff(Cli *cli, char **argv);
int cmd_doctor(Cli *cli, char **argv);
int cmd_events(Cli *cli, char **argv);
int cmd_exec(Cli *cli, char **argv);
int cmd_export(Cli *cli, char **argv);
int cmd_healthcheck_monitor(Cli *cli, char **argv);
int cmd_healthcheck_run(Cli *cli, char **argv);
int cmd_image_diff(Cli *cli, char **argv);
int cmd_image_exists(Cli *cli, char **argv);
int cmd_image_inspect(Cli *cli, char **argv);
int cmd_images(Cli *cli, char **argv);
int cmd_import(Cli *cli, char **argv);
int cmd_info(Cli *cli, char **argv);
int cmd_init(Cli *cli, char **argv);
int cmd_inspect(Cli *cli, char **argv);
int cmd_kill(Cli *cli, char **argv);
int cmd_load(Cli *cli, char **argv);
int cmd_login(Cli *cli, char **argv);
int cmd_logout(Cli *cli, char **argv);
int cmd_logs(Cli *cli, char **argv);
int cmd_mount(Cli *cli, char **argv);
int cmd_pause(Cli *cli, char **argv);
int cmd_port(Cli *cli, char **argv);
int cmd_ps(Cli *cli, char **argv);
int cmd_pull(Cli *cli, char **argv);
int cmd_push(Cli *cli, char **argv);
int cmd_refresh(Cli *cli, char **argv);
int cmd_rename(Cli *cli, char **argv);
int cmd_restart(Cli *cli, char **argv);
int cmd_restore(Cli *cli, char **argv);
int cmd_rm(Cli *cli, char **argv);
int cmd_rmi(Cli *cli, char **argv);
int cmd_run(Cli *cli, char **argv);
int cmd_save(Cli *cli, char **argv);
int cmd_start(Cli *cli, char **argv);
int cmd_stats(Cli *cli, char **argv);
int cmd_stop(Cli *cli, char **argv);
int cmd_tag(Cli *cli, char **argv);
int cmd_top(Cli *cli, char **argv);
int cmd_umount(Cli *cli, char **argv);
int cmd_unpause(Cli *cli, char **argv);
int cmd_untag(Cli *cli, char **argv);
int cmd_update(Cli *cli, char **argv);
int cmd_version(Cli *cli, char **argv);
int cmd_wait(Cli *cli, char **argv);
