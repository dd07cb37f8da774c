/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/common.h"

#include <stdlib.h>

#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/service/sts.h"
#include "base/cleanup.h"
#include "base/xalloc.h"

void setup_common_release(struct setup_common *s)
{
	free(TAKE(s->account));
	free(TAKE(s->caller));
	free(TAKE(s->region));
	strv_release(&s->notes);
	strv_release(&s->warnings);
}

int setup_common_look(struct aws_client *c, struct setup_common *s, struct error **err)
{
	cleanup_sts_identity struct sts_identity id = { 0 };

	strv_release(&s->notes);
	strv_release(&s->warnings);
	if (s->account)
		return 0;
	if (sts_get_caller_identity(c, &id, err) < 0)
		return -1;
	s->account = TAKE(id.account);
	s->caller = TAKE(id.arn);
	s->region = xstrdup(aws_client_settings(c)->region);
	return 0;
}

void setup_common_copy(struct setup_common *s, const struct setup_common *from)
{
	s->account = xstrdup(from->account);
	s->caller = xstrdup(from->caller);
	s->region = xstrdup(from->region);
}
