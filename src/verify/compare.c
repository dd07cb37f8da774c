/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/compare.h"

#include "base/xalloc.h"
#include "verify/cloudwatch.h"
#include "verify/tally.h"

void comparison_release(struct comparison *c)
{
	free(c->differing);
	*c = (struct comparison){ 0 };
}

int compare_window(struct aws_client *c, const char *log_group, struct tally *t,
		   struct comparison *ret, struct error **err)
{
	struct comparison found = { 0 };

	if (cloudwatch_tally(c, log_group, t, err) < 0)
		return -1;
	tally_sort(t);
	for (size_t i = 0; i < t->n; i++) {
		const struct stream_tally *s = t->v[i];

		found.cloudwatch_events += s->cloudwatch.events;
		if (amount_eq(&s->bucket, &s->cloudwatch))
			continue;
		GROW(found.differing, found.n);
		found.differing[found.n++] = s;
	}
	*ret = found;
	return 0;
}
