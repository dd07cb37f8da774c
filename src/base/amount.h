/* SPDX-License-Identifier: MIT */
/* Human-readable amounts. */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdint.h>

/* "1,234,567". */
#define COUNT_SIZE 32
char *count_str(uint64_t n, char out[COUNT_SIZE]);
/* "3.4 MiB". */
char *size_str(uint64_t bytes, char out[COUNT_SIZE]);
/* "1 window", "1,234 windows". Caller frees. */
char *plural_str(uint64_t n, const char *noun);
/* "1,234 events, 1 object, 3.2 KiB". Caller frees. */
char *amounts_str(uint64_t events, uint64_t objects, uint64_t size);

#endif
