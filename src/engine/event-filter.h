/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters of a list of events. Values of one key are alternatives, but labels must all be
 * there; different keys must all be met.
 */
#pragma once

#include "base/json.h"

typedef struct EventFilter EventFilter;

/* Read "key=value" texts; NULL: none. INVALID names the text. */
bool event_filter_new(const char *const *filters, EventFilter **ret_filter, GError **error);
void event_filter_free(EventFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventFilter, event_filter_free)

/* `event` is a line of the event log. */
bool event_filter_matches(const EventFilter *filter, const json_t *event);
