/* SPDX-License-Identifier: MIT */
/* An ARN, from a reply or a user. */
#include "config.h"

#include <string.h>

#include "aws/arn.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "fuzz.h"

static char *copy(struct arn_field f)
{
	must(memchr(f.start, ':', f.len) == NULL);
	return xstrndup(f.start, f.len);
}

/* An ARN that was parsed is printed as the same text, and matched by its own fields. */
static void check(const char *text, const struct arn *a)
{
	cleanup_free char *partition = copy(a->partition), *service = copy(a->service);
	cleanup_free char *region = copy(a->region), *account = copy(a->account);
	cleanup_free char *joined =
		xasprintf("arn:%s:%s:%s:%s:%s", partition, service, region, account, a->resource);
	cleanup_free char *made = arn_make(service, region, account, "%s", a->resource);

	must(str_eq(joined, text) && strlen(text) <= ARN_MAX);
	must(*partition && *service && *a->resource);
	if (str_eq(made, text))
		must(arn_resource(text, service, region, account) == a->resource);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xstrndup((const char *)data, size);
	const char *group = arn_log_group(text);
	struct arn a;

	if (arn_parse(text, &a))
		check(text, &a);
	else
		must(!group && !arn_resource(text, "iam", "eu-west-1", "123456789012"));
	must(!group || (*group && str_ends(text, group)));
	return 0;
}
