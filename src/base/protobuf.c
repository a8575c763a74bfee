/* SPDX-License-Identifier: Apache-2.0 */
#include "base/protobuf.h"

#include <string.h>

/* Seven bits per byte, the lowest first; the top bit says that another byte follows. */
static bool take_varint(ProtobufBytes *bytes, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned int shift = 0; shift < 64 && bytes->length > 0; shift += 7) {
        uint8_t byte = *bytes->at;

        bytes->at++;
        bytes->length--;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

bool protobuf_take(ProtobufBytes *bytes, uint64_t length, ProtobufBytes *ret_taken)
{
    if (length > bytes->length)
        return false;
    *ret_taken = (ProtobufBytes){ bytes->at, (size_t)length };
    bytes->at += length;
    bytes->length -= (size_t)length;
    return true;
}

bool protobuf_next(ProtobufBytes *message, ProtobufField *ret_field)
{
    uint64_t tag = 0, length = 0;
    ProtobufField field = { 0 };

    if (!take_varint(message, &tag))
        return false;
    field.number = tag >> 3;
    field.type = (ProtobufType)(tag & 7);
    *ret_field = field;
    switch (field.type) {
    case PROTOBUF_VARINT: return take_varint(message, &ret_field->integer);
    case PROTOBUF_64_BITS: return protobuf_take(message, 8, &ret_field->bytes);
    case PROTOBUF_BYTES:
        return take_varint(message, &length) && protobuf_take(message, length, &ret_field->bytes);
    case PROTOBUF_32_BITS: return protobuf_take(message, 4, &ret_field->bytes);
    }
    return false;
}

static void fill_slot(const ProtobufSlot *slot, const ProtobufField *field, void *data)
{
    char *target = (char *)data + slot->offset;

    if (slot->type == PROTOBUF_VARINT)
        memcpy(target, &field->integer, sizeof(field->integer));
    else
        memcpy(target, &field->bytes, sizeof(field->bytes));
}

bool protobuf_read(ProtobufBytes message, const ProtobufSlot *slots, size_t n_slots, void *data)
{
    while (message.length > 0) {
        ProtobufField field;

        if (!protobuf_next(&message, &field))
            return false;
        for (size_t i = 0; i < n_slots; i++) {
            if (field.number == slots[i].number && field.type == slots[i].type)
                fill_slot(&slots[i], &field, data);
        }
    }
    return true;
}

bool protobuf_integers(ProtobufBytes message, uint64_t number, GArray *integers)
{
    while (message.length > 0) {
        ProtobufField field;

        if (!protobuf_next(&message, &field))
            return false;
        if (field.number != number)
            continue;
        if (field.type == PROTOBUF_VARINT)
            g_array_append_val(integers, field.integer);
        while (field.type == PROTOBUF_BYTES && field.bytes.length > 0) {
            if (!take_varint(&field.bytes, &field.integer))
                return false;
            g_array_append_val(integers, field.integer);
        }
    }
    return true;
}

char *protobuf_text(ProtobufBytes bytes)
{
    return bytes.at != NULL ? g_strndup((const char *)bytes.at, bytes.length) : g_strdup("");
}
