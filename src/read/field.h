/* SPDX-License-Identifier: MIT */
/*
 * Fields of an access log's line, whatever its format: the members of a JSON object
 * (nested ones as "a.b"), the elements of XML, or the places of the common log format
 * (CLF). The names are those of the formats that enable-logging sets.
 */
#ifndef READ_FIELD_H
#define READ_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * The value of the field, as text: a JSON string without quotes and escapes, anything
 * else as it is. False if the line has no such field or is in an unknown format.
 */
bool field_get(const char *line, size_t n, const char *name, struct buf *ret);

#endif
