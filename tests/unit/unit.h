/* SPDX-License-Identifier: MIT */
/* The headers that cmocka.h depends on, and what every unit test needs. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

/* The expression fails with this kind of error, which is freed. */
#define assert_error(expression, wanted)                                                           \
	do {                                                                                       \
		struct error *err = NULL;                                                          \
		assert_int_equal((expression), -1);                                                \
		assert_non_null(err);                                                              \
		assert_int_equal(err->kind, (wanted));                                             \
		assert_string_not_equal(err->msg, "");                                             \
		error_free(err);                                                                   \
	} while (0)

#endif
