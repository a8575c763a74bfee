/* SPDX-License-Identifier: Apache-2.0 */
/* What skopeo says when it fails, in words that tell what is wrong and what to do. */
#pragma once

#include "base/error.h"

/*
 * Set the error that skopeo's standard error stands for: NOT_FOUND (no such image, tag or platform),
 * NETWORK (the registry cannot be asked, or refuses), INVALID (what it has is damaged), IO. Returns
 * false.
 */
bool skopeo_fail(const char *text, const char *status_text, GError **error);
