/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/report.h"

const char *problem_name(enum problem p)
{
	static const char *const names[PROBLEMS] = {
		[PROBLEM_NOT_EXPORTED] = "not_exported", [PROBLEM_LEDGER] = "ledger",
		[PROBLEM_OVERLAP] = "overlap",           [PROBLEM_MISSING] = "missing",
		[PROBLEM_CHANGED] = "changed",           [PROBLEM_DAMAGED] = "damaged",
		[PROBLEM_UNRECORDED] = "unrecorded",     [PROBLEM_SOURCE] = "source_differs",
		[PROBLEM_REPORT] = "report_differs",
	};

	return names[p];
}

const char *check_state_name(enum check_state s)
{
	static const char *const names[] = {
		[CHECK_WHOLE] = "whole",         [CHECK_EMPTY] = "empty",
		[CHECK_WRONG] = "wrong",         [CHECK_UNSETTLED] = "unsettled",
		[CHECK_UNCHECKED] = "unchecked", [CHECK_EXPIRED] = "expired",
	};

	return names[s];
}
