/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/arn.h"

#include <stdarg.h>
#include <string.h>

#include "aws/endpoint/partition.h"
#include "base/str.h"
#include "base/xalloc.h"

/* Cuts a field and its ':' off the front; NULL if it has other characters. */
static const char *cut_field(const char *at, bool may_be_empty, struct arn_field *ret)
{
	size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	if (at[n] != ':' || (n == 0 && !may_be_empty))
		return NULL;
	*ret = (struct arn_field){ at, n };
	return at + n + 1;
}

bool arn_parse(const char *text, struct arn *ret)
{
	struct arn a;
	const char *at = text;

	if (strnlen(text, ARN_MAX + 1) > ARN_MAX || !str_starts(text, "arn:"))
		return false;
	at += strlen("arn:");
	at = cut_field(at, false, &a.partition);
	at = at ? cut_field(at, false, &a.service) : NULL;
	at = at ? cut_field(at, true, &a.region) : NULL;
	at = at ? cut_field(at, true, &a.account) : NULL;
	if (!at || !*at)
		return false;
	a.resource = at;
	*ret = a;
	return true;
}

static bool is(const struct arn_field *f, const char *s)
{
	return strlen(s) == f->len && memcmp(f->start, s, f->len) == 0;
}

/* Resources that exist once in a partition have an empty region. */
static const char *region_field(const char *service, const char *region)
{
	return str_eq(service, "iam") || str_eq(service, "s3") ? "" : region;
}

static const char *account_field(const char *service, const char *account)
{
	return str_eq(service, "s3") ? "" : account;
}

const char *arn_resource(const char *text, const char *service, const char *region,
			 const char *account)
{
	struct arn a;

	if (!arn_parse(text, &a) || !is(&a.partition, partition_of(region)->id) ||
	    !is(&a.service, service) || !is(&a.region, region_field(service, region)) ||
	    !is(&a.account, account_field(service, account)))
		return NULL;
	return a.resource;
}

const char *arn_log_group(const char *text)
{
	static const char kind[] = "log-group:";
	struct arn a;

	if (!arn_parse(text, &a) || !is(&a.service, "logs") || !str_starts(a.resource, kind) ||
	    !a.resource[strlen(kind)])
		return NULL;
	return a.resource + strlen(kind);
}

char *arn_make(const char *service, const char *region, const char *account, const char *fmt, ...)
{
	cleanup_free char *resource = NULL;
	va_list ap;

	va_start(ap, fmt);
	resource = xvasprintf(fmt, ap);
	va_end(ap);
	return xasprintf("arn:%s:%s:%s:%s:%s", partition_of(region)->id, service,
			 region_field(service, region), account_field(service, account), resource);
}
