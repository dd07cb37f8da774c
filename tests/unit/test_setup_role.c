/* SPDX-License-Identifier: MIT */
/* How long setup-role waits for IAM, with a stopped clock and scripted replies of AWS. */
#include "config.h"

#include "unit.h"

#include "../fake_env.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "base/buf.h"
#include "base/time.h"
#include "net/http.h"
#include "setup/role.h"

struct fake {
	struct fake_env env;
	struct http_transport http;
	int refusals; /* this many UpdateAccounts fail */
	const char *text;
	const char *trust; /* of the existing role, percent-encoded; NULL if there is none */
	int updates, waits;
};

static int answer(struct http_transport *t, const struct http_request *req,
		  struct http_response *ret, struct error **err)
{
	struct fake *f = (struct fake *)((char *)t - offsetof(struct fake, http));
	const char *body = req->body_len ? req->body : "";

	(void)err;
	ret->status = 200;
	if (strstr(body, "GetCallerIdentity")) {
		buf_adds(&ret->body,
			 "<R><GetCallerIdentityResult><Account>123456789012</Account>"
			 "<Arn>a</Arn><UserId>u</UserId></GetCallerIdentityResult></R>");
	} else if (strstr(body, "Action=GetRole") && f->trust) {
		buf_addf(&ret->body,
			 "<R><GetRoleResult><Role><RoleName>r</RoleName><Arn>a</Arn>"
			 "<AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument></Role>"
			 "</GetRoleResult></R>",
			 f->trust);
	} else if (strstr(body, "Action=ListAttachedRolePolicies")) {
		buf_adds(&ret->body, "<R><ListAttachedRolePoliciesResult/></R>");
	} else if (strstr(body, "Action=GetRole")) {
		ret->status = 404;
		buf_adds(&ret->body, "<R><Error><Code>NoSuchEntity</Code></Error></R>");
	} else if (str_eq(req->method, "PATCH") && f->updates++ < f->refusals) {
		ret->status = 400;
		http_header_add(&ret->headers, "X-Amzn-Errortype", "BadRequestException");
		buf_addf(&ret->body, "{\"message\":\"%s\"}", f->text);
	} else {
		buf_adds(&ret->body, "{}");
	}
	return 0;
}

static void keep(struct http_transport *t)
{
	(void)t;
}

static struct http_transport *transport(void *data, const struct http_options *opts)
{
	(void)opts;
	return &((struct fake *)data)->http;
}

static void count_wait(void *data, const char *why)
{
	assert_non_null(why);
	((struct fake *)data)->waits++;
}

/* Looks and applies; returns the error, or NULL. */
static struct error *set_up(struct fake *f)
{
	const struct aws_options opts = { .region = "eu-west-1" };
	cleanup_settings struct aws_settings settings = { 0 };
	cleanup_changes struct changes l = { 0 };
	struct role_setup role = { 0 };
	struct aws_session_options o = { .env = &f->env.env,
					 .settings = &settings,
					 .transport = transport,
					 .transport_data = f };
	struct change_run run = { .wait = count_wait, .data = f };
	struct error *err = NULL;
	struct aws_session *session;

	f->env.now_ms = INT64_C(1700000000000);
	f->http = (struct http_transport){ answer, keep };
	f->env.variables[0] = "AWS_ACCESS_KEY_ID=k";
	f->env.variables[1] = "AWS_SECRET_ACCESS_KEY=k";
	fake_env_init(&f->env, "/nowhere");
	assert_int_equal(aws_settings_load(&f->env.env, &opts, &settings, NULL), 0);
	session = aws_session_new(&o);
	run.client = aws_client_new(session);
	assert_int_equal(role_look(run.client, &role, &l, NULL), 0);
	assert_int_equal(l.n, f->trust ? 2 : 3);
	assert_int_equal(role.common.warnings.n, f->trust ? 1 : 0);
	f->env.now_ms = 0;
	changes_apply(&l, &run, &err);
	role_setup_release(&role);
	aws_client_free(run.client);
	aws_session_free(session);
	return err;
}

#define NO_PERMISSION "The role ARN does not have required permissions configured. Please grant."
#define CANNOT_WRITE                                                                               \
	"API Gateway could not successfully write to CloudWatch Logs using the ARN specified"

static void test_settles(void **state)
{
	struct fake f = { .refusals = 4, .text = NO_PERMISSION };

	(void)state;
	assert_null(set_up(&f));
	assert_int_equal(f.updates, 5);
	assert_int_equal(f.waits, 4);
	/* 1 + 2 + 4 + 8 s; the client's own limit of calls per second adds less than one. */
	assert_in_range(f.env.now_ms, 15000, 16000);
}

static void test_never_settles(void **state)
{
	struct fake f = { .refusals = 1000, .text = CANNOT_WRITE };
	cleanup_error struct error *err = set_up(&f);

	(void)state;
	assert_non_null(err);
	assert_int_equal(err->kind, ERR_UNREACHABLE);
	assert_non_null(strstr(err->msg, CANNOT_WRITE));
	assert_non_null(err->hint);
	assert_in_range(f.env.now_ms, ROLE_SETTLE_MS - 20000, ROLE_SETTLE_MS + 1000);
}

/* Then it is not waiting for IAM. */
static void test_a_condition(void **state)
{
	struct fake f = {
		.refusals = 1000,
		.text = NO_PERMISSION,
		.trust =
			"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B"
			"%22Service%22%3A%22apigateway.amazonaws.com%22%7D%2C%22Action%22%3A"
			"%22sts%3AAssumeRole%22%2C%22Condition%22%3A%7B%22StringEquals%22%3A%7B"
			"%22sts%3AExternalId%22%3A%22x%22%7D%7D%7D%7D",
	};
	cleanup_error struct error *err = set_up(&f);

	(void)state;
	assert_int_equal(err->kind, ERR_REFUSED);
	assert_non_null(strstr(err->msg, "required permissions"));
	assert_non_null(strstr(err->hint, "StringEquals sts:ExternalId"));
	assert_in_range(f.env.now_ms, 1000, ROLE_SETTLE_IF_MS + 1000);
}

static void test_another_refusal(void **state)
{
	struct fake f = { .refusals = 1000, .text = "Invalid ARN" };
	cleanup_error struct error *err = set_up(&f);

	(void)state;
	assert_int_equal(err->kind, ERR_REFUSED);
	assert_int_equal(f.updates, 1);
	assert_int_equal(f.waits, 0);
}

static void test_stopped(void **state)
{
	struct fake f = { .refusals = 1000, .text = NO_PERMISSION };
	cleanup_error struct error *err = NULL;

	(void)state;
	/* The short waits are those of the limit of calls a second. */
	f.env.stop_from_ms = MS_SECOND;
	err = set_up(&f);
	assert_int_equal(err->kind, ERR_INTERRUPTED);
	assert_int_equal(f.updates, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settles),     cmocka_unit_test(test_never_settles),
		cmocka_unit_test(test_a_condition), cmocka_unit_test(test_another_refusal),
		cmocka_unit_test(test_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
