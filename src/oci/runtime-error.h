/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an OCI runtime says when it fails, turned into one readable line and the right kind of
 * error.
 */
#pragma once

#include "base/error.h"

/*
 * The one message that matters in what a runtime wrote to its log or to standard error: the last
 * error of a JSON log, else the last line. One line, valid UTF-8, bounded; never NULL, empty when
 * there is nothing.
 */
char *runtime_error_text(const char *text);

/*
 * Fail with what a runtime said. CMD_NOT_FOUND and CMD_NOT_RUNNABLE only where it speaks of the
 * container's command itself (a missing network namespace is a "no such file" too); else RUNTIME.
 * Always false.
 */
bool runtime_error(GError **error, const char *runtime_name, const char *text);
