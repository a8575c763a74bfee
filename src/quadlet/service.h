/* SPDX-License-Identifier: Apache-2.0 */
/* One service that is made of one source file: what all kinds have in common. */
#pragma once

#include "quadlet/unit-set.h"

/* A service in the making. */
typedef struct Service {
    const UnitSet *set;
    const UnitFile *source;
    const UnitKind *kind;
    const char *program; /* floe */
    UnitFile *unit;      /* what comes out */
    GPtrArray *argv;     /* of its main command; owned texts */
} Service;

/* What becomes of a key of the source's own section. */
typedef enum KeyUse {
    KEY_OWN,   /* the kind's own function reads it */
    KEY_LATER, /* podman has it, floe does not yet */
    KEY_LAST,  /* the flag with the last value */
    KEY_EACH,  /* with each value */
    KEY_WORDS, /* with each word of each value */
    KEY_PATHS, /* with each value, a path: from the source file's directory on, if it is relative */
    KEY_BOOL,  /* the flag, or the flag with =false */
} KeyUse;

typedef struct Key {
    const char *name;
    KeyUse use;
    const char *flag; /* NULL with KEY_OWN and KEY_LATER */
} Key;

/* INVALID: a key that the table, which an empty row ends, does not have. Else its flags are in argv. */
bool service_apply_keys(Service *service, const Key *keys, GError **error);

/* The last value of a key of the source's own section, or NULL. */
const char *service_value(const Service *service, const char *key);
const char **service_values(const Service *service, const char *key);
bool service_bool(const Service *service, const char *key, bool fallback, bool *ret_value,
                  GError **error);

/* Add the words of all values of a key to a list, which owns them. INVALID. */
bool service_words(const Service *service, const char *key, GPtrArray *words, GError **error);

/* Add a word to argv, or several, the last one NULL. */
void service_add(Service *service, const char *word);
void service_add_words(Service *service, ...) G_GNUC_NULL_TERMINATED;

/* Add the words of all values of a key, as PodmanArgs= has them. */
bool service_add_values(Service *service, const char *key, GError **error);

/* A line of the service's, and one that the source's author may have written already. */
void service_set(Service *service, const char *section, const char *key, const char *value);
void service_set_default(Service *service, const char *section, const char *key, const char *value);

/* "KEY=PROGRAM [GlobalArgs] WORDS..." of [Service]; `prefix` is "" or "-". */
bool service_command(Service *service, const char *key, const char *prefix,
                     const char *const *words, GError **error);

/* The main command: argv, behind program and GlobalArgs. */
bool service_main_command(Service *service, const char *key, GError **error);

/*
 * What a word refers to: "data.volume" is a source file. The service then needs its service, and
 * *ret_name is its object's name, freed by the caller; else NULL. INVALID: there is no such file.
 */
bool service_refer(Service *service, const char *word, const char *suffix, char **ret_name,
                   GError **error);

/*
 * Absolute; from the directory of the source file on where it begins with a dot. Freed by the caller.
 */
char *service_path(const Service *service, const char *path);

/*
 * The service of a source file: with the sections that are systemd's, and its own as "X-Container".
 * INVALID.
 */
bool service_make(const UnitSet *set, const UnitFile *source, const char *program,
                  UnitFile **ret_unit, GError **error);

/* The kinds. Their common part is there; they add what is theirs. */
bool container_service(Service *service, GError **error);
bool pod_service(Service *service, GError **error);
bool volume_service(Service *service, GError **error);
bool network_service(Service *service, GError **error);
bool image_service(Service *service, GError **error);
bool build_service(Service *service, GError **error);
