/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/cadir.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"

bool cadir_is_hashed(const char *path)
{
	DIR *d = path ? opendir(path) : NULL;
	bool found = false;
	struct dirent *e;

	if (!d)
		return false;
	while (!found && (e = readdir(d)))
		found = strlen(e->d_name) == 10 && str_ends(e->d_name, ".0") &&
			strspn(e->d_name, "0123456789abcdef") == 8;
	closedir(d);
	return found;
}
