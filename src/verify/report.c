/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/report.h"

const char *problem_name(enum problem p)
{
	static const char *const names[] = {
		[PROBLEM_NOT_EXPORTED] = "not_exported", [PROBLEM_LEDGER] = "ledger",
		[PROBLEM_OVERLAP] = "overlap",           [PROBLEM_MISSING] = "missing",
		[PROBLEM_CHANGED] = "changed",           [PROBLEM_DAMAGED] = "damaged",
		[PROBLEM_UNRECORDED] = "unrecorded",     [PROBLEM_SOURCE] = "source_differs",
	};

	return names[p];
}
