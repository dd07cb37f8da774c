/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include <unistd.h>

#include <pthread.h>

#include "aws/cred/cred.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "world.h"

#define PROCESS_PROFILE "[profile p]\ncredential_process = secret-command --password x\n"

/* The output of a process for keys that are valid for this long. */
static char *keys_for(const struct world *w, int64_t ms)
{
	char until[TIME_ISO_SIZE];

	return xasprintf("{\"Version\":1,\"AccessKeyId\":\"ASIA%d\",\"SecretAccessKey\":\"s\","
			 "\"SessionToken\":\"t\",\"Expiration\":\"%s\"}",
			 w->sent, time_iso(w->fake.now_ms + ms, until));
}

static void resolve_ok(struct cred_chain *c, const char *id)
{
	cleanup_credentials struct credentials got = { 0 };

	world_resolves(c, &got);
	assert_string_equal(got.access_key_id, id);
}

static void test_refresh(void **state)
{
	struct world *w = *state;
	cleanup_free char *first = NULL, *second = NULL;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", PROCESS_PROFILE);
	w->output = first = keys_for(w, MS_HOUR);
	c = world_chain(w, "p");
	resolve_ok(c, "ASIA0");
	w->fake.now_ms += 44 * MS_MINUTE;
	resolve_ok(c, "ASIA0");
	assert_int_equal(w->sent, 1);
	/* They are refreshed a quarter of an hour before they expire. */
	w->fake.now_ms += 2 * MS_MINUTE;
	w->output = second = keys_for(w, MS_HOUR);
	resolve_ok(c, "ASIA1");
	assert_int_equal(w->sent, 2);
}

static void test_refresh_fails(void **state)
{
	struct world *w = *state;
	cleanup_free char *first = NULL;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", PROCESS_PROFILE);
	w->output = first = keys_for(w, MS_HOUR);
	c = world_chain(w, "p");
	resolve_ok(c, "ASIA0");
	w->output = "nonsense";
	w->fake.now_ms += 46 * MS_MINUTE;
	resolve_ok(c, "ASIA0");
	resolve_ok(c, "ASIA0");
	assert_int_equal(w->sent, 2);
	w->fake.now_ms += MS_MINUTE;
	resolve_ok(c, "ASIA0");
	assert_int_equal(w->sent, 3);
	w->fake.now_ms += 14 * MS_MINUTE;
	world_fails(c, ERR_UNREACHABLE, "credential_process of profile 'p' failed", "Version 1");
}

static void test_short_life(void **state)
{
	struct world *w = *state;
	cleanup_free char *first = NULL;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", PROCESS_PROFILE);
	w->output = first = keys_for(w, 9 * MS_MINUTE);
	c = world_chain(w, "p");
	resolve_ok(c, "ASIA0");
	w->fake.now_ms += 5 * MS_MINUTE;
	resolve_ok(c, "ASIA0");
	assert_int_equal(w->sent, 1);
}

static void test_invalidate(void **state)
{
	struct world *w = *state;
	cleanup_free char *first = NULL, *second = NULL;
	char seven[] = "ASIA7", zero[] = "ASIA0", token[] = "t";
	struct credentials other = { .access_key_id = seven, .session_token = token };
	struct credentials mine = { .access_key_id = zero, .session_token = token };
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", PROCESS_PROFILE);
	w->output = first = keys_for(w, MS_HOUR);
	c = world_chain(w, "p");
	resolve_ok(c, "ASIA0");
	cred_invalidate(c, &other);
	resolve_ok(c, "ASIA0");
	cred_invalidate(c, &mine);
	w->output = second = keys_for(w, MS_HOUR);
	resolve_ok(c, "ASIA1");
	cred_invalidate(c, &mine);
	resolve_ok(c, "ASIA1");
	assert_int_equal(w->sent, 2);
}

static void *resolve_many(void *data)
{
	for (int i = 0; i < 200; i++)
		resolve_ok(data, "ASIA0");
	return NULL;
}

static void test_threads(void **state)
{
	struct world *w = *state;
	cleanup_free char *first = NULL;
	pthread_t threads[8];
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", PROCESS_PROFILE);
	w->output = first = keys_for(w, MS_HOUR);
	c = world_chain(w, "p");
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, resolve_many, c), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(w->sent, 1);
}

static void test_profile_option(void **state)
{
	struct world *w = *state;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/credentials",
		   "[p]\naws_access_key_id=AKIAP\naws_secret_access_key=s\n");
	w->fake.variables[3] = "AWS_ACCESS_KEY_ID=AKIAENV";
	w->fake.variables[4] = "AWS_SECRET_ACCESS_KEY=s";
	w->fake.variables[5] = "AWS_PROFILE=p";
	c = world_chain(w, NULL);
	resolve_ok(c, "AKIAENV");
	cred_chain_free(TAKE(c));
	c = world_chain(w, "p");
	resolve_ok(c, "AKIAP");
}

static void test_none(void **state)
{
	struct world *w = *state;
	cleanup(cred_chain_freep) struct cred_chain *c = world_chain(w, NULL);

	world_fails(c, ERR_REFUSED,
		    "no AWS credentials found (environment: AWS_ACCESS_KEY_ID is not set; profile: "
		    "there is no profile 'default'; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is "
		    "not set; container: ",
		    "aws configure");
	assert_int_equal(w->sent, 0);
}

/* Without a metadata service, the only cost is one short attempt. */
static void test_no_metadata(void **state)
{
	struct world *w = *state;
	int64_t start = w->fake.now_ms;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	w->fake.variables[2] = "AWS_METADATA_SERVICE_TIMEOUT=1";
	c = world_chain(w, NULL);
	world_fails(c, ERR_REFUSED, "instance metadata: no connection", NULL);
	assert_int_equal(w->sent, 1);
	assert_int_equal(w->fake.now_ms, start);
	w->fake.variables[3] = "AWS_METADATA_SERVICE_NUM_ATTEMPTS=3";
	world_fails(c, ERR_REFUSED, "no connection", NULL);
	assert_int_equal(w->sent, 4);
}

static void test_interrupted(void **state)
{
	struct world *w = *state;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	w->fake.variables[2] = "AWS_METADATA_SERVICE_NUM_ATTEMPTS=3";
	w->fake.stop_from_ms = 1;
	c = world_chain(w, NULL);
	world_fails(c, ERR_INTERRUPTED, "interrupted", NULL);
}

static void test_metadata_extends(void **state)
{
	struct world *w = *state;
	cleanup_credentials struct credentials got = { 0 };
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	w->fake.variables[2] = "X=";
	w->replies[0] = (struct world_reply){ 200, "token" };
	w->replies[1] = (struct world_reply){ 200, "a b/role\n" };
	w->replies[2] = (struct world_reply){
		200, "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAI\",\"SecretAccessKey\":\"s\","
		     "\"Token\":\"t\",\"Expiration\":\"2020-01-01T00:00:00Z\"}"
	};
	c = world_chain(w, NULL);
	assert_int_equal(cred_resolve(c, &got, NULL), 0);
	/* The old ones are still used, and the next attempt is 10 to 15 minutes later. */
	assert_in_range(got.expires_ms - w->fake.now_ms, 10 * MS_MINUTE, 15 * MS_MINUTE);
	assert_non_null(strstr(w->last.data, "/security-credentials/a%20b%2Frole\n"));
	assert_string_equal(got.provider, "instance metadata (role 'a b/role')");
}

static void process_case(struct world *w, const char *command, enum err_kind kind,
			 const char *words)
{
	cleanup_free char *config = xasprintf("[profile p]\ncredential_process = %s\n", command);
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", config);
	c = world_chain(w, "p");
	if (words)
		world_fails(c, kind, words, "run the command");
	else
		resolve_ok(c, "AKIAP");
}

static void test_process(void **state)
{
	struct world *w = *state;
	cleanup_free char *command = NULL;
	int fd;

	process_case(w,
		     "printf '{\"version\":1,\"accesskeyid\":\"AKIAP\",'; sleep 0.01; "
		     "echo '\"SECRETACCESSKEY\":\"s\"}'",
		     0, NULL);
	process_case(w, "exit 7", ERR_REFUSED, "exited with status 7");
	/* The child does not inherit our descriptors, such as those of connections. */
	fd = dup(STDOUT_FILENO);
	assert_true(fd > 2);
	command = xasprintf("[ ! -e /proc/$$/fd/%d ] && exit 8", fd);
	process_case(w, command, ERR_REFUSED, "exited with status 8");
	close(fd);
	process_case(w, "kill -9 $$", ERR_REFUSED, "killed by signal 9");
	process_case(w, "true", ERR_UNREACHABLE, "failed: ");
	process_case(w, "echo '[]'", ERR_UNREACHABLE, "has no Version");
	process_case(w, "yes", ERR_UNREACHABLE, "larger than");
	process_case(w,
		     "echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
		     "\"Expiration\":\"soon\"}'",
		     ERR_UNREACHABLE, "is not a time");
}

/* Each look at the clock is ten seconds after the one before. */
static int64_t fast_clock(void *data)
{
	static int64_t passed_ms;

	(void)data;
	return INT64_C(1700000000000) + (passed_ms += 10 * MS_SECOND);
}

static void test_process_that_does_not_end(void **state)
{
	struct world *w = *state;

	w->fake.env.now_ms = fast_clock;
	process_case(w, "exec sleep 20", ERR_UNREACHABLE, "did not end within 60 s");
	process_case(w, "exec yes", ERR_UNREACHABLE, "did not end within 60 s");
	/* All of its output is there. */
	process_case(w, "exec sleep 20 >&-", ERR_UNREACHABLE, "did not end within 60 s");
}

/* Not even the command line, which may contain a password. */
static void test_nothing_leaks(void **state)
{
	struct world *w = *state;
	struct credentials got = { 0 };
	cleanup_error struct error *err = NULL;
	cleanup(cred_chain_freep) struct cred_chain *c = NULL;

	world_file(w, "/home/.aws/config", PROCESS_PROFILE);
	w->output = "{\"Version\":1,\"AccessKeyId\":\"A B\",\"SecretAccessKey\":\"hidden-secret\"}";
	c = world_chain(w, "p");
	assert_int_equal(cred_resolve(c, &got, &err), -1);
	assert_null(strstr(err->msg, "secret"));
	assert_null(strstr(err->msg, "password"));
	assert_non_null(strstr(err->msg, "profile 'p'"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refresh),       TEST(test_refresh_fails),
		TEST(test_short_life),    TEST(test_invalidate),
		TEST(test_threads),       TEST(test_profile_option),
		TEST(test_none),          TEST(test_no_metadata),
		TEST(test_interrupted),   TEST(test_metadata_extends),
		TEST(test_process),       TEST(test_process_that_does_not_end),
		TEST(test_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
