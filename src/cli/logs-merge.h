/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of several containers in one output, each line with the container that wrote it. */
#pragma once

#include "cli/cli.h"

typedef struct LogsStyle {
    bool by_name; /* the container's name before each line, else the beginning of its id */
    bool colored; /* each container's lines in a colour of their own */
} LogsStyle;

/*
 * One after another, or with logs->follow all at once, to standard output and error. Returns the
 * exit status. Nothing is printed if one of the containers is not there.
 */
int logs_merge(Cli *cli, char **names, const floe_logs_options *logs, const LogsStyle *style);
