/* SPDX-License-Identifier: MIT */
/* JSON, by jansson: bounded parsing, and look-ups in replies. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

/* json_decrefp is jansson's own. */
#define cleanup_json cleanup(json_decrefp)

/* jansson is recursive; no document of AWS or of a user is nested deeper than this. */
#define JSON_DEPTH_MAX 128
/*
 * The limit of commas and opening brackets, and so of values: jansson needs about 200
 * bytes for an empty object of 3 bytes. A page of 10,000 log events has 70,000.
 */
#define JSON_MARKS_MAX 2000000

/*
 * Parses an object or an array. what names the document in the error ("reply of
 * DescribeStages", "ledger entry 's3://…'"). Strings may contain NUL, because log
 * messages may. Errors are ERR_UNREACHABLE, as for any broken reply.
 */
int json_parse(const char *text, size_t len, const char *what, json_t **ret, struct error **err);

/* A member's value, borrowed; NULL if it is absent or of another type. */
const char *json_str(const json_t *obj, const char *key);
const json_t *json_obj(const json_t *obj, const char *key);
const json_t *json_arr(const json_t *obj, const char *key);
/* fallback if absent or not a number; a real number is truncated. */
int64_t json_int(const json_t *obj, const char *key, int64_t fallback);
bool json_bool(const json_t *obj, const char *key, bool fallback);

/*
 * A string of text from outside. Bytes that are not UTF-8, which JSON cannot hold,
 * are escaped as by text_escaped(), so the member is never lost. null for NULL.
 */
json_t *json_text(const char *s);
void json_set_text(json_t *obj, const char *name, const char *s);
void json_set_int(json_t *obj, const char *name, int64_t n);

/* A time in both forms: name as ISO-8601, and name_ms as a number. */
void json_set_time(json_t *obj, const char *name, int64_t ms);

/* Compact text, with keys in insertion order, or sorted so that texts can be compared. */
void json_add_compact(struct buf *b, const json_t *j);
void json_add_sorted(struct buf *b, const json_t *j);
void json_add_indented(struct buf *b, const json_t *j);
/* The same with all characters beyond ASCII as \uHHHH, for a terminal. */
void json_add_indented_ascii(struct buf *b, const json_t *j);
void json_add_compact_ascii(struct buf *b, const json_t *j);

#endif
