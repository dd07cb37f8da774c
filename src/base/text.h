/* SPDX-License-Identifier: MIT */
/* Makes text from outside safe to print. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The number of bytes of the UTF-8 character at s (RFC 3629, 4); 0 if it is not UTF-8. */
size_t utf8_length(const char *s);

/*
 * A copy that can neither drive a terminal nor reorder its text: bytes that are
 * not UTF-8 and C0 controls become \xHH; C1 controls, bidirectional controls and
 * line separators become \uHHHH. Tabs are kept, and line feeds if keep_lines is
 * set. Caller frees.
 */
char *text_escaped(const char *s, bool keep_lines);
/* A string of bytes that may include NUL, which becomes \x00. Caller frees. */
char *text_from_bytes(const char *p, size_t n);

#endif
