/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A struct straight from its stored JSON text, without a tree of values between: a listing reads
 * hundreds of them.
 */
#pragma once

#include "base/json.h"

/*
 * As json_parse() and json_to_struct() into a zeroed struct, for text that json_from_struct() made.
 * False when the text is not of that plain form (an escape in a string, an unknown key, damage):
 * nothing is set then, and those two must say more.
 */
bool struct_from_text(const JsonStruct *type, const char *text, size_t length, void *ret_data);
