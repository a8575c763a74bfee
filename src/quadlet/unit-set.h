/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All source files of one run: found in their directories, read with their drop-ins, and known by name,
 * for they refer to each other. What kinds there are, and what each is called, stands here too.
 */
#pragma once

#include "quadlet/unit-file.h"

typedef struct UnitKind {
    const char *suffix;       /* ".volume" */
    const char *section;      /* "Volume" */
    const char *tail;         /* of its service's name: "-volume" */
    const char *name_keys[2]; /* what its object is called, instead of "systemd-NAME": the first that is
                                 there */
} UnitKind;

/* In the order in which they are generated; a NULL suffix ends them. */
extern const UnitKind unit_kinds[];

/* By the suffix of a name; NULL: it is none of them. */
const UnitKind *unit_kind_of(const char *name);

typedef struct UnitSet {
    GPtrArray *units; /* UnitFile, sorted by name */
} UnitSet;

void unit_set_clear(UnitSet *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UnitSet, unit_set_clear)

/* What is told of a file that cannot be used; the others are. */
typedef void (*UnitComplaint)(const char *text, void *data);

/*
 * Find and read the files in these directories, NULL-terminated, and below them. Of two of the same
 * name the one in the earlier directory counts. Directories that are not there are passed over.
 */
void unit_set_load(UnitSet *set, const char *const *directories, UnitComplaint complain, void *data);

const UnitFile *unit_set_find(const UnitSet *set, const char *name);

/* The service of a source file without its suffix: "data-volume". Freed by the caller. */
char *unit_service_name(const UnitFile *unit);

/* The name of its container, pod, volume, network or image. Freed by the caller. */
char *unit_object_name(const UnitFile *unit);
