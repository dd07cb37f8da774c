/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/doctor.h"

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/groups.h"
#include "archive/selection.h"
#include "aws/client.h"
#include "aws/service/apigateway.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/time.h"
#include "setup/doctor_links.h"

static bool has_other_than_http(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n; i++)
		if (!stages->v[i].gone && stages->v[i].protocol != API_HTTP)
			return true;
	return false;
}

/*
 * The stages, and with a bucket all log groups that the ledger knows of them. *refused is
 * what keeps the ledger from being read, if anything does.
 */
static int select_logs(const struct doctor *d, const struct selection *selection,
		       const struct archive_place *place, struct stages *stages,
		       struct api_logs *logs, struct error **refused, struct error **err)
{
	const struct stages none = { 0 };

	if (place) {
		const struct archive a = {
			{ d->client, place->bucket,
			  place->owner ? place->owner : d->common->account },
			place->prefix,
			d->common->region,
			d->common->account,
		};

		if (groups_select_stages(&a, selection, stages, logs, refused) == 0)
			return 0;
		stages_release(stages);
		api_logs_release(logs);
	}
	return selection_stages(d->client, selection, &none, stages, err);
}

/* Who has the one slot that the account has in the region. */
static int check_slot(const struct doctor *d, struct error **err)
{
	char since[TIME_ISO_SIZE];

	/* In the order of a task's life, so that one that moves on meanwhile is not missed. */
	for (enum export_status s = EXPORT_PENDING; s <= EXPORT_PENDING_CANCEL; s++) {
		cleanup_aws_pages struct aws_pages p = { 0 };
		cleanup_export_task struct export_task t = { 0 };
		int r;

		logs_tasks_init(&p, d->client, s);
		r = logs_tasks_next(&p, &t, err);
		if (r < 0)
			return err_wrap(err, "cannot ask for export tasks");
		if (r > 0) {
			finding_add(d->findings, LINK_SLOT, HEALTH_DOUBTFUL,
				    "export task %s%s%s%s of log group '%s' is %s since %s, and "
				    "others wait",
				    t.id, t.name ? " ('" : "", t.name ? t.name : "",
				    t.name ? "')" : "", t.log_group ? t.log_group : "?",
				    export_status_name(t.status), time_iso(t.created_ms, since));
			return 0;
		}
	}
	finding_add(d->findings, LINK_SLOT, HEALTH_GOOD, "no export task is under way");
	return 0;
}

static int check_stages(const struct doctor *d, const struct stages *stages, struct error **err)
{
	cleanup_error struct error *own = NULL;

	/* HTTP APIs log by log delivery, not with the account's role. */
	if (has_other_than_http(stages) && doctor_check_role(d, &own) < 0 &&
	    finding_refusal(d->findings, LINK_ROLE, &own, err) < 0)
		return -1;
	return doctor_check_stages(d, stages, err);
}

static int check_place(const struct doctor *d, const struct archive_place *place,
		       struct error **err)
{
	cleanup_error struct error *own = NULL;

	if (doctor_check_bucket(d, place, &own) < 0 &&
	    finding_refusal(d->findings, LINK_BUCKET, &own, err) < 0)
		return -1;
	if (check_slot(d, &own) < 0 && finding_refusal(d->findings, LINK_SLOT, &own, err) < 0)
		return -1;
	return 0;
}

int doctor_look(struct aws_client *c, const struct setup_common *common,
		const struct selection *selection, const struct archive_place *place,
		struct findings *ret, struct error **err)
{
	const struct doctor d = { c, common, ret };
	cleanup_stages struct stages stages = { 0 };
	cleanup_api_logs struct api_logs logs = { 0 };
	cleanup_error struct error *own = NULL, *refused = NULL;

	/* A name that matches nothing is a mistake of the user's, not a link. */
	if (selection && select_logs(&d, selection, place, &stages, &logs, &refused, &own) < 0) {
		if (!own->aws_code || finding_refusal(ret, LINK_STAGE, &own, err) < 0)
			return own ? err_move(&own, err) : -1;
		error_clear(&refused);
	}
	if (check_stages(&d, &stages, err) < 0)
		return -1;
	if (!place)
		return 0;
	if (check_place(&d, place, err) < 0)
		return -1;
	/* Without a bucket there is no ledger, and that was said. */
	if (refused && err_is(refused, "NoSuchBucket"))
		return 0;
	if (refused)
		return finding_refusal(ret, LINK_LEDGER, &refused, err);
	return doctor_check_ledger(&d, place, &logs, err);
}
