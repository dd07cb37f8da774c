/* SPDX-License-Identifier: MIT */
/* Text that somebody else wrote, made safe to show. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the UTF-8 character at s (RFC 3629, 4); 0 if there is none. */
size_t utf8_length(const char *s);

/*
 * A copy in which nothing can drive a terminal or reorder its text: bytes that
 * are not UTF-8 and C0 controls become \xHH; C1 controls, bidirectional
 * controls and line separators become \uHHHH. A tab stays; a line feed stays if
 * keep_lines is set. Caller frees.
 */
char *text_escaped(const char *s, bool keep_lines);

#endif
