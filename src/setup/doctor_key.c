/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "aws/client.h"
#include "aws/endpoint/partition.h"
#include "aws/service/kms.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/doctor_links.h"
#include "setup/policy.h"

char *doctor_logs_service(const struct doctor *d)
{
	return xasprintf("logs.%s.%s", d->common->region,
			 partition_of(d->common->region)->dns_suffix);
}

static void add_state(const struct doctor *d, const char *link, const struct kms_key *key,
		      const char *what)
{
	const char *region = d->common->region;

	finding_add(d->findings, link, HEALTH_BROKEN,
		    "%s is encrypted with the KMS key '%s', whose state is %s", what, key->id,
		    key->state);
	if (str_eq(key->state, "PendingDeletion"))
		finding_hint(d->findings,
			     "aws kms cancel-key-deletion --region %s --key-id %s && "
			     "aws kms enable-key --region %s --key-id %s",
			     region, key->id, region, key->id);
	else if (str_eq(key->state, "Disabled"))
		finding_hint(d->findings, "aws kms enable-key --region %s --key-id %s", region,
			     key->id);
}

/* Source: "Encrypt log data in CloudWatch Logs using KMS", and "Export log data to Amazon S3". */
static int check_policy(const struct doctor *d, const char *link, const struct kms_key *key,
			const char *what, const char *repair, struct error **err)
{
	static const char *const actions[] = { "kms:GenerateDataKey", "kms:Decrypt" };
	cleanup_free char *text = NULL, *service = doctor_logs_service(d);
	cleanup_json json_t *policy = NULL;

	if (kms_get_key_policy(d->client, key->arn, &text, err) < 0 ||
	    policy_parse(text, strlen(text), "the key's policy", &policy, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (policy_allows(policy, service, actions[i]))
			continue;
		finding_add(d->findings, link, HEALTH_BROKEN,
			    "%s is encrypted with the KMS key '%s', whose policy does not allow %s "
			    "to %s",
			    what, key->id, service, actions[i]);
		if (repair)
			finding_hint(d->findings, "%s", repair);
		else
			finding_hint(d->findings,
				     "have the key's owner allow the service %s kms:Encrypt, "
				     "kms:Decrypt, kms:GenerateDataKey* and kms:DescribeKey",
				     service);
		break;
	}
	return 0;
}

int doctor_check_key(const struct doctor *d, const char *link, const char *id, const char *what,
		     const char *repair, struct error **err)
{
	cleanup(kms_key_release) struct kms_key key = { 0 };
	int r = kms_describe_key(d->client, id, &key, err);

	if (r < 0)
		return err_wrap(err, "cannot inspect the KMS key of %s", what);
	if (r == 0)
		finding_add(d->findings, link, HEALTH_BROKEN,
			    "%s is encrypted with the KMS key '%s', which does not exist in %s",
			    what, id, d->common->region);
	else if (!str_eq(key.state, "Enabled"))
		add_state(d, link, &key, what);
	else if (check_policy(d, link, &key, what, repair, err) < 0)
		return err_wrap(err, "cannot inspect the KMS key of %s", what);
	return 0;
}
