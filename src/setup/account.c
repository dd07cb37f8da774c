/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/account.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/service/apigateway.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/common.h"

void account_role_release(struct account_role *a)
{
	free(a->arn);
	iam_role_release(&a->role);
	*a = (struct account_role){ 0 };
}

/* The name at the end of a role's ARN of this account, or NULL. Borrowed from arn. */
static const char *name_of_own_role(const struct setup_common *s, const char *arn)
{
	const char *role = arn_resource(arn, "iam", s->region, s->account);

	return role && str_starts(role, "role/") ? strrchr(role, '/') + 1 : NULL;
}

static int find_role(struct aws_client *c, const struct setup_common *s, struct account_role *a,
		     struct error **err)
{
	const char *name = name_of_own_role(s, a->arn);
	int r;

	if (!name) {
		a->role = (struct iam_role){ .name = xstrdup(a->arn), .arn = xstrdup(a->arn) };
		a->live = true;
		return 0;
	}
	r = iam_get_role(c, name, &a->role, err);
	if (r < 0)
		return err_wrap(err, "cannot inspect role '%s', which API Gateway in %s logs with",
				name, s->region);
	/* The same name under another path is another role. */
	a->live = r && str_eq(a->role.arn, a->arn);
	if (!a->live)
		iam_role_release(&a->role);
	return 0;
}

int account_role_look(struct aws_client *c, const struct setup_common *s, struct account_role *ret,
		      struct error **err)
{
	cleanup_account_role struct account_role a = { 0 };

	if (apigateway_get_account_role(c, &a.arn, err) < 0)
		return err_wrap(err, "cannot inspect API Gateway's account setting in %s",
				s->region);
	if (a.arn && find_role(c, s, &a, err) < 0)
		return -1;
	*ret = TAKE(a);
	return 0;
}
