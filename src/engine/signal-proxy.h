/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals that reach this process while it is attached go to the container's process instead: they
 * are blocked here, and a thread of its own passes them on.
 */
#pragma once

#include "engine/container.h"

typedef struct SignalProxy SignalProxy;

/* From here on the signals wait. */
SignalProxy *signal_proxy_new(void);

/*
 * The container's process is there now: pass on what waits and what comes. When it has ended
 * already they go nowhere.
 */
bool signal_proxy_begin(SignalProxy *proxy, floe_container *ctr, GError **error);

/* Stop passing on, and let signals come through again as before. */
void signal_proxy_free(SignalProxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SignalProxy, signal_proxy_free)
