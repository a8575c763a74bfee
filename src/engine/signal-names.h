/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name and number. */
#pragma once

/* "SIGTERM", "TERM", "term", "15", "RTMIN+3"; 0: there is no such signal. */
int signal_from_name(const char *name);

/* "SIGTERM"; NULL for a number without a name. Static. */
const char *signal_to_name(int signal);
