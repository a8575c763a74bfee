/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that aardvark-dns knows. netavark writes them, one file a network, and tells
 * aardvark-dns to read them; here is what netavark has no command for.
 */
#pragma once

#include "base/json.h"

/*
 * Forget the number of an aardvark-dns that has ended. netavark tells the process of this number to
 * read the names again, and starts one only when there is none: where nobody reaps the dead that is
 * never, and a number may be another program's by now. `config_dir` is netavark's.
 */
void aardvark_forget_dead(const char *config_dir);

/*
 * The container of this request (netavark.h), which is set up, has another name from now on. The
 * networks' lock must be held. A network without names is success.
 */
bool aardvark_rename(const char *config_dir, const json_t *request, const char *name,
                     GError **error);
