/* SPDX-License-Identifier: MIT */
/*
 * The credential chain, in the SDKs' order: environment, web identity, SSO,
 * profile (static, role, process, login), container, instance metadata.
 *
 * Some providers need a call to STS, signed with credentials found earlier.
 * That call is handed in, so that this floor does not include client.h.
 */
#ifndef AWS_CRED_CRED_H
#define AWS_CRED_CRED_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "aws/service.h"
#include "base/cleanup.h"

struct aws_settings;
struct buf;
struct env;
struct error;
struct http_request;
struct http_response;
struct http_transport;

enum cred_answer {
	CRED_FOUND,
	CRED_NOT_CONFIGURED, /* ask the next */
	CRED_MISCONFIGURED,  /* stop, *err is set */
};

/*
 * What the chain may use. call sends a request to a service's regional
 * endpoint with retries; with == NULL sends it unsigned. http is for
 * the metadata and container endpoints, which are no AWS services.
 */
struct cred_context {
	const struct env *env;
	const struct aws_settings *settings;
	struct http_transport *http;
	int (*call)(void *data, enum aws_service service, const char *region,
		    const struct credentials *with, struct http_request *req,
		    struct http_response *ret, struct error **err);
	void *call_data;
	/* Asks on the terminal, without echo if secret; -1 if there is none. */
	int (*ask)(void *data, const char *question, struct buf *ret, struct error **err);
	void *ask_data;
	/* Runs a command line with sh -c and keeps its stdout; NULL means the real one. */
	int (*run)(void *data, const char *command, struct buf *ret, struct error **err);
	void *run_data;
};

/* One provider; a file each. */
struct cred_provider {
	const char *name;
	enum cred_answer (*resolve)(const struct cred_context *, struct credentials *ret,
				    struct error **err);
};
extern const struct cred_provider cred_environment, cred_web_identity, cred_sso, cred_profile,
	cred_container, cred_imds;

/* The chain remembers what was found and refreshes it before it expires. */
struct cred_chain;
/* ctx is copied; what it points to must outlive the chain. */
struct cred_chain *cred_chain_new(const struct cred_context *ctx);
void cred_chain_free(struct cred_chain *c);
DEFINE_CLEANUP(struct cred_chain *, cred_chain_free)
/*
 * Fills ret with credentials that are good for a while yet; safe for threads.
 * Without any: ERR_REFUSED, saying where they were looked for.
 */
int cred_resolve(struct cred_chain *c, struct credentials *ret, struct error **err);
/* AWS said that these have expired: the next cred_resolve asks again, unless others are there already. */
void cred_invalidate(struct cred_chain *c, const struct credentials *expired);

#endif
