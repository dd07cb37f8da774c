/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/sts.h"

#include <string.h>

#include "aws/protocol.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* "AWS account identifiers", AWS Account Management Reference Guide. */
#define ACCOUNT_LEN 12

void sts_identity_release(struct sts_identity *i)
{
	free(i->account);
	free(i->arn);
	free(i->user_id);
	*i = (struct sts_identity){ 0 };
}

int sts_get_caller_identity(struct aws_client *c, struct sts_identity *ret, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	const struct xml *x;
	const char *account, *arn, *user_id;

	if (aws_query_call(c, AWS_STS, "GetCallerIdentity", &form, &doc, &x, err) < 0)
		return -1;
	account = xml_text(x, "Account");
	arn = xml_text(x, "Arn");
	user_id = xml_text(x, "UserId");
	/* It becomes a header and a part of keys and ARNs. */
	if (!account || strlen(account) != ACCOUNT_LEN || !str_is_digits(account, ACCOUNT_LEN) ||
	    !arn || !user_id)
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of sts:GetCallerIdentity has no account, ARN or user id");
	*ret = (struct sts_identity){ xstrdup(account), xstrdup(arn), xstrdup(user_id) };
	return 0;
}
