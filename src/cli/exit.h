/* SPDX-License-Identifier: MIT */
/* The exit statuses; the man page lists the same. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "base/error.h"

enum exit_status {
	EXIT_DONE = 0,        /* done, or nothing left to do */
	EXIT_FOUND = 1,       /* the check found a problem */
	EXIT_USAGE = 2,       /* the command line is wrong, or a file that it names */
	EXIT_REFUSED = 3,     /* AWS refused */
	EXIT_UNREACHABLE = 4, /* AWS could not be reached: may work later */
	EXIT_PARTIAL = 5,     /* some done and recorded, some not */
	EXIT_LOCAL = 6,       /* this machine failed: a full disk, a file that cannot be read */
	EXIT_SIGNAL = 128,    /* plus the number of the signal: 129, 130, 143 */
};

static inline int exit_status_of(enum err_kind kind, int signal_number)
{
	switch (kind) {
	case ERR_FOUND:
		return EXIT_FOUND;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_REFUSED:
		return EXIT_REFUSED;
	case ERR_PARTIAL:
	case ERR_OVERTAKEN:
		return EXIT_PARTIAL;
	case ERR_INTERRUPTED:
		return EXIT_SIGNAL + (signal_number ? signal_number : 2);
	case ERR_LOCAL:
		return EXIT_LOCAL;
	case ERR_UNREACHABLE:
		break;
	}
	return EXIT_UNREACHABLE;
}

#endif
