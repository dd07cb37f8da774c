/* SPDX-License-Identifier: MIT */
/*
 * The credential chain: environment, profile (web identity, SSO, keys, login, process,
 * roles), web identity of the environment, container, instance metadata. Source:
 * "Standardized credential providers" in the AWS SDKs and Tools Reference Guide; where
 * the SDKs differ, the published test cases of the Rust SDK: a profile with credentials
 * goes before AWS_WEB_IDENTITY_TOKEN_FILE.
 *
 * Some providers need a call to STS or SSO. That call is passed in, so that this floor
 * does not include client.h.
 */
#ifndef AWS_CRED_CRED_H
#define AWS_CRED_CRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/cred/credentials.h"
#include "aws/service.h"
#include "base/cleanup.h"

struct aws_settings;
struct buf;
struct env;
struct error;
struct http_request;
struct http_response;
struct http_transport;

/* The response_max of every request of the chain: no set of credentials is larger. */
#define CRED_REPLY_MAX ((size_t)64 << 10)

/*
 * What the chain may use, always in one thread at a time. call sends a request to a
 * service's endpoint in a region, with retries, and decodes errors; if with is NULL,
 * the request is not signed. http is for endpoints that are not in service.h:
 * container, instance metadata, sign-in.
 */
struct cred_context {
	const struct env *env;
	const struct aws_settings *settings;
	struct http_transport *http;
	int (*call)(void *data, enum aws_service service, const char *region,
		    const struct credentials *with, struct http_request *req,
		    struct http_response *ret, struct error **err);
	void *call_data;
	/* Asks the user on the terminal; -1 if there is none. NULL: never asks. */
	int (*ask)(void *data, const char *question, struct buf *ret, struct error **err);
	void *ask_data;
	/* Runs a command line with sh -c and keeps its stdout; NULL means the real one. */
	int (*run)(void *data, const char *command, struct buf *ret, struct error **err);
	void *run_data;
};

/* The chain remembers what was found and refreshes it before it expires. */
struct cred_chain;
/* ctx is copied; what it points to must outlive the chain. */
struct cred_chain *cred_chain_new(const struct cred_context *ctx);
void cred_chain_free(struct cred_chain *c);
DEFINE_CLEANUP(struct cred_chain *, cred_chain_free)
/*
 * Fills ret with credentials that have not expired; safe for threads. From 15 minutes
 * before they expire it asks for new ones; while that fails, the old ones are used until
 * they expire. With none, ERR_REFUSED says where they were looked for. A provider that is
 * configured and fails ends the search with its own error.
 */
int cred_resolve(struct cred_chain *c, struct credentials *ret, struct error **err);
/*
 * To call when AWS says that these have expired: cred_resolve() then asks again, unless it
 * already has others.
 */
void cred_invalidate(struct cred_chain *c, const struct credentials *expired);

#endif
