/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which lists of texts are sorted: by their bytes, the same in every locale. */
#pragma once

/* Of two places of a list, for qsort(3) and g_ptr_array_sort(). */
int text_order(const void *a, const void *b);
