/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/cache.h"

#include <stdlib.h>

#include "aws/config/file.h"
#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"

#define CACHE_MAX ((size_t)1 << 20)

int cache_path(const struct cred_context *ctx, const char *variable, const char *dir,
	       const void *digest, size_t digest_len, char **ret, struct error **err)
{
	const char *given = variable ? cred_env(ctx, variable) : NULL;
	cleanup_free char *expanded = aws_expand_home(ctx->env, given ? given : dir);
	cleanup_buf struct buf path = BUF_INIT;

	if (*expanded == '~')
		return err_set(err, ERR_USAGE, "HOME is not set, so '%s' cannot be found",
			       expanded);
	buf_addf(&path, "%s/", expanded);
	buf_add_hex(&path, digest, digest_len);
	buf_adds(&path, ".json");
	*ret = buf_take(&path);
	return 0;
}

int cache_read(const struct cred_context *ctx, const char *path, json_t **ret, bool *ret_missing,
	       struct error **err)
{
	cleanup_buf struct buf text = BUF_SECRET_MAX(CACHE_MAX);

	if (env_read_file(ctx->env, path, &text, ret_missing, err) < 0)
		return -1;
	return json_parse(text.data, text.len, path, ret, err);
}

int cache_write(const struct cred_context *ctx, const char *path, const json_t *doc,
		struct error **err)
{
	cleanup_buf struct buf text = BUF_SECRET_MAX(CACHE_MAX);

	json_add_compact(&text, doc);
	if (buf_full(&text))
		return err_set(err, ERR_LOCAL,
			       "cannot write '%s': it would be larger than %zu bytes", path,
			       text.max);
	return env_write_file(ctx->env, path, text.data, text.len, 0600, err);
}

bool cache_expiry(const struct cred_context *ctx, const json_t *reply, char ret[TIME_ISO_SIZE])
{
	int64_t lives_s = json_int(reply, "expiresIn", 0);

	if (lives_s <= 0 || lives_s > INT32_MAX)
		return false;
	/* Whole seconds, as the AWS CLI writes them. */
	time_iso((env_now_ms(ctx->env) / MS_SECOND + lives_s) * MS_SECOND, ret);
	return true;
}
