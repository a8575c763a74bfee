/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of protobuf's encoding (protobuf.dev, "Encoding"), strictly: so much of it as CRIU's
 * images use. A message is a row of numbered fields, and its reader knows what the numbers mean.
 * Nothing is copied; bytes point into what is read.
 */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ProtobufBytes {
    const uint8_t *at;
    size_t length;
} ProtobufBytes;

typedef enum ProtobufType {
    PROTOBUF_VARINT = 0,
    PROTOBUF_64_BITS = 1,
    PROTOBUF_BYTES = 2, /* a text, a message, or a row of integers without their numbers */
    PROTOBUF_32_BITS = 5,
} ProtobufType;

typedef struct ProtobufField {
    uint64_t number;
    ProtobufType type;
    uint64_t integer; /* PROTOBUF_VARINT */
    ProtobufBytes bytes;
} ProtobufField;

/* Take so many bytes off the front. False: there are fewer. */
bool protobuf_take(ProtobufBytes *bytes, uint64_t length, ProtobufBytes *ret_taken);

/* Take the next field off a message that is not empty. False: it is broken. */
bool protobuf_next(ProtobufBytes *message, ProtobufField *ret_field);

/* Which field of a message goes where in a struct. */
typedef struct ProtobufSlot {
    uint64_t number;
    ProtobufType type; /* PROTOBUF_VARINT: a uint64_t; PROTOBUF_BYTES: a ProtobufBytes */
    size_t offset;
} ProtobufSlot;

#define PROTOBUF_INTEGER(number, Type, member) \
    { \
        number, PROTOBUF_VARINT, offsetof(Type, member) \
    }
#define PROTOBUF_PART(number, Type, member) \
    { \
        number, PROTOBUF_BYTES, offsetof(Type, member) \
    }

/*
 * Read a message into a struct, which keeps what it held where the message says nothing. Of a field
 * that is there more than once, the last counts; fields of other types are passed over.
 */
bool protobuf_read(ProtobufBytes message, const ProtobufSlot *slots, size_t n_slots, void *data);

/* Add all integers (uint64_t) of a repeated field to the array. */
bool protobuf_integers(ProtobufBytes message, uint64_t number, GArray *integers);

/* A text that may hold anything but NUL, where it ends. Never NULL. */
char *protobuf_text(ProtobufBytes bytes);
