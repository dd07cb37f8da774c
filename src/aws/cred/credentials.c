/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/credentials.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/xalloc.h"

void credentials_release(struct credentials *c)
{
	free(c->access_key_id);
	secret_free(c->secret_access_key);
	secret_free(c->session_token);
	free(c->account_id);
	free(c->provider);
	*c = (struct credentials){ 0 };
}

void credentials_copy(const struct credentials *c, struct credentials *ret)
{
	struct credentials copy = {
		.access_key_id = xstrdup(c->access_key_id),
		.secret_access_key = xstrdup(c->secret_access_key),
		.session_token = xstrdup(c->session_token),
		.account_id = xstrdup(c->account_id),
		.expires_ms = c->expires_ms,
		.provider = xstrdup(c->provider),
	};

	credentials_release(ret);
	*ret = copy;
}
