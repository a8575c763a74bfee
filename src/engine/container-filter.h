/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters of a list of containers. Values of one key are alternatives (of label and label! all
 * must be met); different keys must all be met.
 */
#pragma once

#include "state/container-record.h"

typedef struct ContainerFilter ContainerFilter;

/*
 * Read "key=value" texts; NULL: none. Containers and images that they name are looked up now.
 * INVALID names the text and, for an unknown key, the known ones; NOT_FOUND and AMBIGUOUS are about
 * the container that before or since names.
 */
bool container_filter_new(Database *db, const char *const *filters, ContainerFilter **ret_filter,
                          GError **error);
void container_filter_free(ContainerFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContainerFilter, container_filter_free)

/* Does it ask for states? Then the list is not one of running containers only. */
bool container_filter_has_status(const ContainerFilter *filter);

bool container_filter_matches(const ContainerFilter *filter, const ContainerRecord *record);
