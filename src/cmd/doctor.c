/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/cred/credentials.h"
#include "aws/service/sts.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cmd/cmd.h"

static void print(const struct app *app, const struct credentials *cr,
		  const struct sts_identity *id, const struct aws_settings *s)
{
	cleanup_table struct table t = { 0 };
	char expires[TIME_ISO_SIZE];
	json_t *j;

	if (app->out.format == OUTPUT_JSON) {
		j = json_pack("{so so so so so so}", "provider", json_text(cr->provider),
			      "access_key_id", json_text(cr->access_key_id), "account",
			      json_text(id->account), "arn", json_text(id->arn), "region",
			      json_text(s->region), "region_source", json_text(s->region_source));
		if (cr->expires_ms)
			json_set_time(j, "expires", cr->expires_ms);
		json_set_int(j, "clock_offset_ms", aws_client_clock_offset_ms(app->client));
		print_json(j);
		return;
	}
	table_init(&t, 2);
	table_add(&t, "credentials"), table_add(&t, "%s", cr->provider);
	table_add(&t, "access key"), table_add(&t, "%s", cr->access_key_id);
	if (cr->expires_ms)
		table_add(&t, "expires"), table_add(&t, "%s", time_iso(cr->expires_ms, expires));
	table_add(&t, "account"), table_add(&t, "%s", id->account);
	table_add(&t, "ARN"), table_add(&t, "%s", id->arn);
	table_add(&t, "region"), table_add(&t, "%s (%s)", s->region, s->region_source);
	table_print(&app->out, &t);
}

static int run(struct app *app, void *opts, struct error **err)
{
	cleanup_credentials struct credentials cr = { 0 };
	cleanup_sts_identity struct sts_identity id = { 0 };
	struct aws_client *c;

	(void)opts;
	if (app_client(app, &c, err) < 0 || aws_client_credentials(c, &cr, err) < 0)
		return -1;
	if (sts_get_caller_identity(c, &id, err) < 0)
		return err_wrap(err, "cannot ask AWS about the credentials found (%s)",
				cr.provider);
	app_check_clock(app);
	print(app, &cr, &id, aws_client_settings(c));
	return EXIT_DONE;
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.summary = "Show which identity and region are used, and why",
	.usage = "[OPTION...]",
	.about = "Show which credentials are used and where they were found, which identity AWS "
		 "sees, and which region is used and why. Nothing is changed.",
	.examples = { "apigw-logs doctor", "apigw-logs doctor --profile prod-eu -vv" },
	.run = run,
};
