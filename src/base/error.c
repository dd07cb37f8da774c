/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/xalloc.h"

int err_set(struct error **err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	*err = xcalloc(1, sizeof(**err));
	(*err)->kind = kind;
	va_start(ap, fmt);
	(*err)->msg = xvasprintf(fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct error **err, const char *fmt, ...)
{
	cleanup_free char *context = NULL;
	char *joined;
	va_list ap;

	if (!err || !*err)
		return -1;
	va_start(ap, fmt);
	context = xvasprintf(fmt, ap);
	va_end(ap);
	joined = xasprintf("%s: %s", context, (*err)->msg);
	free((*err)->msg);
	(*err)->msg = joined;
	return -1;
}

int err_hint(struct error **err, const char *fmt, ...)
{
	va_list ap;

	if (!err || !*err || (*err)->hint)
		return -1;
	va_start(ap, fmt);
	(*err)->hint = xvasprintf(fmt, ap);
	va_end(ap);
	return -1;
}

void err_drop_hint(struct error **err)
{
	if (err && *err)
		free(TAKE((*err)->hint));
}

int err_errno(struct error **err, int errnum, const char *fmt, ...)
{
	cleanup_free char *context = NULL;
	va_list ap;

	va_start(ap, fmt);
	context = xvasprintf(fmt, ap);
	va_end(ap);
	return err_set(err, ERR_LOCAL, "%s: %s", context, strerror(errnum));
}

int err_interrupted(struct error **err)
{
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

int err_move(struct error **own, struct error **err)
{
	if (err)
		*err = TAKE(*own);
	else
		error_clear(own);
	return -1;
}

void err_keep(struct error **kept, struct error **own)
{
	if (*own && *kept && err_is_fatal(*own) && !err_is_fatal(*kept))
		error_clear(kept);
	if (*own && !*kept)
		*kept = TAKE(*own);
	error_clear(own);
}

bool err_is(const struct error *err, const char *aws_code)
{
	return err && err->aws_code && strcmp(err->aws_code, aws_code) == 0;
}

bool err_says(const struct error *err, const char *words)
{
	return err && err->aws_message && strstr(err->aws_message, words);
}

bool err_is_fatal(const struct error *err)
{
	switch (err->kind) {
	case ERR_USAGE:
	case ERR_INTERRUPTED:
	case ERR_LOCAL:
		return true;
	case ERR_UNREACHABLE:
		/* An answer, if only a 500, may be about this one object or log group. */
		return err->credentials || !err->http_status;
	case ERR_REFUSED:
	case ERR_FOUND:
	case ERR_PARTIAL:
	case ERR_OVERTAKEN:
		break;
	}
	return err->credentials;
}

const char *err_kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_USAGE:
		return "usage";
	case ERR_REFUSED:
		return "refused";
	case ERR_UNREACHABLE:
		return "unreachable";
	case ERR_FOUND:
		return "found";
	case ERR_PARTIAL:
		return "partial";
	case ERR_OVERTAKEN:
		return "overtaken";
	case ERR_INTERRUPTED:
		return "interrupted";
	case ERR_LOCAL:
		return "local";
	}
	return "unknown";
}

void error_free(struct error *err)
{
	if (!err)
		return;
	free(err->aws_code);
	free(err->aws_message);
	free(err->request_id);
	free(err->msg);
	free(err->hint);
	free(err);
}

void error_clear(struct error **err)
{
	error_free(*err);
	*err = NULL;
}
