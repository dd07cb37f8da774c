/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/keys.h"

#include <string.h>

#include "aws/cred/credentials.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

const char *keys_str(const json_t *obj, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)obj, key, value)
		if (json_is_string(value) && str_eq_nocase(key, name))
			return json_string_value(value);
	return NULL;
}

static const char *either(const json_t *obj, const char *name, const char *other)
{
	const char *v = keys_str(obj, name);

	return v ? v : keys_str(obj, other);
}

int keys_time(const char *text, int64_t *ret_ms)
{
	size_t n = strlen(text);
	cleanup_free char *iso = NULL;

	if (!str_ends(text, "UTC"))
		return time_parse_iso(text, ret_ms) ? 0 : -1;
	iso = xasprintf("%.*sZ", (int)(n - 3), text);
	return time_parse_iso(iso, ret_ms) ? 0 : -1;
}

int keys_decode(const json_t *obj, unsigned int need, const char *what, struct credentials *ret,
		struct error **err)
{
	const char *id = keys_str(obj, "AccessKeyId");
	const char *secret = keys_str(obj, "SecretAccessKey");
	const char *token = either(obj, "SessionToken", "Token");
	const char *expires = either(obj, "Expiration", "ExpiresAt");
	const char *missing = NULL;
	int64_t expires_ms = 0;

	if (str_empty(id))
		missing = "AccessKeyId";
	else if (str_empty(secret))
		missing = "SecretAccessKey";
	else if (str_empty(token) && (need & KEYS_NEED_TOKEN))
		missing = "Token";
	else if (str_empty(expires) && (need & KEYS_NEED_EXPIRY))
		missing = "Expiration";
	if (missing)
		return err_set(err, ERR_UNREACHABLE, "%s has no %s", what, missing);
	if (!str_empty(expires) && keys_time(expires, &expires_ms) < 0)
		return err_set(err, ERR_UNREACHABLE, "the Expiration in %s is not a time", what);
	*ret = (struct credentials){
		.access_key_id = xstrdup(id),
		.secret_access_key = xstrdup(secret),
		.session_token = str_empty(token) ? NULL : xstrdup(token),
		.account_id = xstrdup(keys_str(obj, "AccountId")),
		.expires_ms = expires_ms,
	};
	return 0;
}

void keys_replace(json_t *obj, const char *name, json_t *value)
{
	json_t *old = json_incref(json_object_get(obj, name));

	json_object_set_new(obj, name, value);
	keys_wipe(old);
}

void keys_wipe(json_t *j)
{
	const char *key;
	json_t *value;
	size_t i;

	/* Even if it is shared: whoever parsed a document with secrets is its only owner. */
	if (json_is_string(j))
		explicit_bzero((char *)json_string_value(j), json_string_length(j));
	json_object_foreach(j, key, value)
		keys_wipe(json_incref(value));
	json_array_foreach(j, i, value)
		keys_wipe(json_incref(value));
	json_decref(j);
}
