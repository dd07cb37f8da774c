/* SPDX-License-Identifier: MIT */
/* Surroundings for the credential chain: variables, files, a stopped clock, scripted replies. */
#ifndef UNIT_WORLD_H
#define UNIT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/config/settings.h"
#include "../fake_env.h"
#include "aws/cred/cred.h"
#include "base/buf.h"
#include "base/error.h"
#include "net/http.h"

#define WORLD_REPLIES 8

struct world {
	char root[64]; /* a folder of its own */
	struct fake_env fake;
	struct world_reply {
		int status; /* 0: no connection */
		const char *body;
	} replies[WORLD_REPLIES]; /* in order; the last one is repeated */
	int sent;                 /* requests so far, of the calls and of the transport */
	struct buf last;          /* the last: "METHOD ORIGIN/PATH?QUERY\nname: value\n\nbody" */
	const char *code;         /* the answer on the terminal; NULL: there is no terminal */
	char question[128];
	const char *output; /* of credential_process; NULL: it is really run */
	struct aws_settings settings;
	struct http_transport http;
	struct cred_context ctx;
};

/* For cmocka: *state is a struct world. Failures in here fail the test. */
int world_setup(void **state);
int world_teardown(void **state);
/* Writes a file below the root, with the folders it is in. */
void world_file(struct world *w, const char *path, const char *text);
/* Reads one back; the caller frees it. */
char *world_read(struct world *w, const char *path);
/* Loads the settings, with --profile unless profile is NULL, and creates the chain. */
struct cred_chain *world_chain(struct world *w, const char *profile);
/* The chain finds credentials; the caller releases *ret. */
void world_resolves(struct cred_chain *c, struct credentials *ret);
/* It fails with these words in the message and, unless hint is NULL, in the hint. */
void world_fails(struct cred_chain *c, enum err_kind kind, const char *words, const char *hint);

#endif
