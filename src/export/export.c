/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/export.h"

#include "archive/ledger.h"
#include "base/str.h"

const char *window_state_name(enum window_state s)
{
	static const char *const names[] = {
		[WINDOW_PLANNED] = "planned",     [WINDOW_EXPORTED] = "exported",
		[WINDOW_EMPTY] = "empty",         [WINDOW_RECORDED] = "recorded",
		[WINDOW_UNSETTLED] = "unsettled", [WINDOW_EXPIRED] = "expired",
		[WINDOW_ABSENT] = "absent",       [WINDOW_FAILED] = "failed",
	};

	return names[s];
}

enum window_state window_state_of(const struct ledger_entry *e)
{
	return e->n_objects                       ? WINDOW_EXPORTED
	       : str_eq(e->state, LEDGER_EXPIRED) ? WINDOW_EXPIRED
						  : WINDOW_EMPTY;
}
