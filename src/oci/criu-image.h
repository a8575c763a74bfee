/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image file of CRIU's: magic numbers, then entries, each a length and a protobuf message, all
 * numbers 32 bits little-endian (CRIU criu/include/magic.h, criu/protobuf.c; the messages
 * stand in the folder images). It may come from anywhere: nothing in it is believed.
 */
#pragma once

#include "base/protobuf.h"

typedef enum CriuMagic {
    CRIU_CORE = 0x55053847,
    CRIU_FDINFO = 0x56213732,
    CRIU_FILES = 0x56303138,
    CRIU_FILE_LOCKS = 0x54323616,
    CRIU_FS = 0x51403912,
    CRIU_IDS = 0x54432030,
    CRIU_INVENTORY = 0x58313116,
    CRIU_MEMFD = 0x48453499,
    CRIU_MM = 0x57492820,
    CRIU_MOUNTPOINTS = 0x55563928,
    CRIU_PAGEMAP = 0x56084025,
    CRIU_PSTREE = 0x50273030,
    CRIU_REMAP_PATH = 0x59133954,
    CRIU_STATS = 0x57093306,
} CriuMagic;

typedef struct CriuImage {
    const char *name; /* for errors; the caller's */
    ProtobufBytes rest;
} CriuImage;

/* Begin to read an image of this kind. INVALID: it is none. */
bool criu_image_open(CriuImage *image, const char *name, CriuMagic magic, ProtobufBytes data,
                     GError **error);

/* The next entry; at its end, one whose `at` is NULL. INVALID: truncated. */
bool criu_image_next(CriuImage *image, ProtobufBytes *ret_entry, GError **error);

/* The entry of an image that has exactly one. INVALID. */
bool criu_image_single(const char *name, CriuMagic magic, ProtobufBytes data,
                       ProtobufBytes *ret_entry, GError **error);

/* For an entry that protobuf_read() refuses: always false. */
bool criu_image_broken(const char *name, GError **error);
