/* SPDX-License-Identifier: MIT */
/* The files that verify reads and writes: reports, their signatures, and keys. */
#ifndef CMD_VERIFY_FILES_H
#define CMD_VERIFY_FILES_H

#include "base/json.h"
#include "verify/against.h"

struct app;
struct error;
struct sign_key;

struct verify_files {
	/* Names from the command line, borrowed; NULL: none. */
	const char *report, *html, *sign, *against, *public_key;
	struct sign_key *key;   /* of sign; NULL for a key of KMS */
	struct against earlier; /* the report of against */
};
/* Reads what must be there before the run: the key, and the earlier report with its signature. */
int verify_files_load(struct verify_files *f, struct app *app, struct error **err);
/* Writes the reports that were asked for. */
int verify_files_write(const struct verify_files *f, struct app *app, const json_t *document,
		       struct error **err);
void verify_files_release(struct verify_files *f);

#endif
