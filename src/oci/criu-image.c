/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/criu-image.h"

#include <string.h>

/* What stands before the kind's own magic number, but for the inventory. */
#define COMMON_MAGIC  0x54564319U
#define SERVICE_MAGIC 0x55105940U

static bool take_number(ProtobufBytes *bytes, uint32_t *ret_number)
{
    ProtobufBytes taken;
    uint32_t number;

    if (!protobuf_take(bytes, sizeof(number), &taken))
        return false;
    memcpy(&number, taken.at, sizeof(number));
    *ret_number = GUINT32_FROM_LE(number);
    return true;
}

bool criu_image_open(CriuImage *image, const char *name, CriuMagic magic, ProtobufBytes data,
                     GError **error)
{
    uint32_t family = magic == CRIU_STATS ? SERVICE_MAGIC : COMMON_MAGIC, number = 0;

    if (magic != CRIU_INVENTORY && (!take_number(&data, &number) || number != family))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not an image of CRIU", name);
    if (!take_number(&data, &number) || number != (uint32_t)magic)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not the image of CRIU that it is named",
                       name);
    *image = (CriuImage){ name, data };
    return true;
}

bool criu_image_next(CriuImage *image, ProtobufBytes *ret_entry, GError **error)
{
    uint32_t length = 0;

    *ret_entry = (ProtobufBytes){ 0 };
    if (image->rest.length == 0)
        return true;
    return (take_number(&image->rest, &length) && protobuf_take(&image->rest, length, ret_entry)) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is truncated", image->name);
}

bool criu_image_single(const char *name, CriuMagic magic, ProtobufBytes data,
                       ProtobufBytes *ret_entry, GError **error)
{
    CriuImage image;

    if (!criu_image_open(&image, name, magic, data, error) ||
        !criu_image_next(&image, ret_entry, error))
        return false;
    return (ret_entry->at != NULL && image.rest.length == 0) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' does not hold exactly one entry", name);
}

bool criu_image_broken(const char *name, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "'%s' holds a broken entry", name);
}
