/* SPDX-License-Identifier: Apache-2.0 */
/* Images that go. */
#pragma once

#include "engine/engine.h"

/*
 * Take back an image that was pulled for what then failed; NULL: none was. One that a container uses
 * by now stays, and so does one with other names, without this one.
 */
void image_forget_pulled(floe_engine *engine, const char *name);

/* All of them, mounted ones too. IN_USE: a container has one. */
bool images_remove_all(floe_engine *engine, GError **error);
