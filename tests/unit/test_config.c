/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/config/file.h"
#include "aws/config/settings.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

static int parse(const char *config, const char *credentials, struct aws_config **ret,
		 struct error **err)
{
	return aws_config_parse(config, config ? strlen(config) : 0, "the-config", credentials,
				credentials ? strlen(credentials) : 0, "the-credentials", ret, err);
}

static void assert_error(const char *config, const char *words)
{
	cleanup(aws_config_freep) struct aws_config *c = NULL;
	cleanup_error struct error *err = NULL;

	assert_int_equal(parse(config, NULL, &c, &err), -1);
	assert_null(c);
	assert_int_equal(err->kind, ERR_USAGE);
	if (!strstr(err->msg, words))
		fail_msg("'%s' is not in: %s", words, err->msg);
}

static const char *profile(const struct aws_config *c, const char *name, const char *key)
{
	return aws_config_get(c, CONFIG_PROFILE, name, key);
}

static void test_text(void **state)
{
	cleanup(aws_config_freep) struct aws_config *c = NULL;

	(void)state;
	assert_int_equal(parse("\xef\xbb\xbf[profile 'my work']\r\n"
			       "Region = eu-west-3 # near\r\n"
			       "key = a;b#c\r\n"
			       "  # an indented comment\r\n"
			       "\tand more ; of it\r\n"
			       "[profile \"q\"] # x\n"
			       "in valid = 1\n"
			       "last = \r",
			       NULL, &c, NULL),
			 0);
	assert_string_equal(profile(c, "my work", "region"), "eu-west-3");
	assert_string_equal(profile(c, "my work", "key"), "a;b#c\nand more ; of it");
	assert_true(aws_config_has(c, CONFIG_PROFILE, "q"));
	assert_null(profile(c, "q", "in valid"));
	assert_string_equal(profile(c, "q", "last"), "");
}

static void test_precedence(void **state)
{
	cleanup(aws_config_freep) struct aws_config *c = NULL;
	cleanup_free char *where = NULL, *sub = NULL, *none = NULL;

	(void)state;
	assert_int_equal(parse("[default]\nbare = 1\n[profile default]\nregion = a\noutput = text\n"
			       "s3 =\n  addressing_style = path\n  x = 1\n[profile "
			       "default]\noutput = json\n",
			       "[default]\nregion = b\n\ns3 =\n  x = 2 # two\n", &c, NULL),
			 0);
	assert_null(profile(c, "default", "bare"));
	assert_string_equal(profile(c, "default", "region"), "b");
	assert_string_equal(profile(c, "default", "output"), "json");
	/* The whole property is overridden, not the nested one. */
	assert_null(aws_config_get_sub(c, CONFIG_PROFILE, "default", "s3", "addressing_style"));
	assert_string_equal(aws_config_get_sub(c, CONFIG_PROFILE, "default", "s3", "x"), "2");
	where = aws_config_where(c, CONFIG_PROFILE, "default", "region", NULL);
	assert_string_equal(where, "profile 'default' (the-credentials, line 2)");
	sub = aws_config_where(c, CONFIG_PROFILE, "default", "s3", "x");
	assert_string_equal(sub, "profile 'default' (the-credentials, line 4)");
	none = aws_config_where(c, CONFIG_SERVICES, "x", "y", NULL);
	assert_string_equal(none, "services 'x'");
}

static void test_kinds(void **state)
{
	cleanup(aws_config_freep) struct aws_config *c = NULL;

	(void)state;
	assert_int_equal(parse("[sso-session a]\nsso_region = us-east-1\n[services a]\ns3 = \n"
			       " endpoint_url = http://x\n[plain]\nk = v\n[profile a]",
			       "[sso-session b]\nk = v\n[services b]\nk = v\n[profile c]\nk = v\n",
			       &c, NULL),
			 0);
	assert_string_equal(aws_config_get(c, CONFIG_SSO_SESSION, "a", "sso_region"), "us-east-1");
	assert_string_equal(aws_config_get_sub(c, CONFIG_SERVICES, "a", "s3", "endpoint_url"),
			    "http://x");
	assert_true(aws_config_has(c, CONFIG_PROFILE, "a"));
	assert_false(aws_config_has(c, CONFIG_PROFILE, "plain"));
	assert_false(aws_config_has(c, CONFIG_SSO_SESSION, "b"));
	assert_false(aws_config_has(c, CONFIG_SERVICES, "b"));
	assert_false(aws_config_has(c, CONFIG_PROFILE, "c"));
}

static void test_errors(void **state)
{
	static const char nul[] = "[default]\nk = a\0b\n";
	cleanup(aws_config_freep) struct aws_config *c = NULL;
	cleanup_error struct error *err = NULL;

	(void)state;
	assert_error("\n\nk = v", "the-config, line 3: Expected a profile definition");
	assert_error("  k = v", "Expected a profile definition");
	assert_error("[profile x", "line 1: Profile definition must end with ']'");
	assert_error("[", "must end with ']'");
	assert_error("[default]\nkey", "line 2: Expected an '=' sign defining a property");
	assert_error("[default]\n= v", "Property did not have a name");
	assert_error("[default]\n v", "Expected a property definition, found continuation");
	assert_error("[default]\ns3 =\n\n v",
		     "line 4: Expected an '=' sign defining a sub-property");
	assert_error("[default]\ns3 =\n =v", "Sub-property did not have a name");
	assert_int_equal(aws_config_parse(nul, sizeof(nul) - 1, "f", NULL, 0, "g", &c, &err), -1);
	assert_string_equal(err->msg, "f, line 2: found a NUL byte");
}

/* Names in sorted order and a long line: neither may take quadratic time. */
static void test_large(void **state)
{
	cleanup(aws_config_freep) struct aws_config *c = NULL;
	cleanup_buf struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "[profile p%06d]\nk%06d = v\n", i, i);
	buf_adds(&b, "[profile long]\nx = y\n");
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, " more\n");
	assert_int_equal(parse(b.data, NULL, &c, NULL), 0);
	assert_string_equal(profile(c, "p099999", "k099999"), "v");
	assert_int_equal(strlen(profile(c, "long", "x")), 1 + 5 * 100000);
}

/* An environment of NAME=value strings, and files under a directory of its own. */
static const char *get(void *data, const char *name)
{
	const char *const *vars = data;
	size_t n = strlen(name);

	for (; *vars; vars++)
		if (strncmp(*vars, name, n) == 0 && (*vars)[n] == '=')
			return *vars + n + 1;
	return NULL;
}

static char root[] = "/tmp/test_config.XXXXXX";

static int make_root(void **state)
{
	cleanup_free char *dir = NULL;

	(void)state;
	if (!mkdtemp(root))
		return -1;
	dir = xasprintf("%s/.aws", root);
	return mkdir(dir, 0700);
}

static int remove_root(void **state)
{
	cleanup_free char *dir = xasprintf("%s/.aws", root), *file = xasprintf("%s/config", dir);

	(void)state;
	unlink(file);
	return rmdir(dir) < 0 || rmdir(root) < 0 ? -1 : 0;
}

static int load(const char *config, const char *const *vars, const struct aws_options *o,
		struct aws_settings *ret, struct error **err)
{
	static const struct aws_options none;
	cleanup_free char *path = xasprintf("%s/.aws/config", root);
	static struct env env;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(config, f);
	assert_int_equal(fclose(f), 0);
	env = (struct env){ .get = get, .data = (void *)vars, .root = root };
	return aws_settings_load(&env, o ? o : &none, ret, err);
}

static void assert_bad(const char *config, const char *const *vars, const char *words)
{
	cleanup_settings struct aws_settings s = { 0 };
	cleanup_error struct error *err = NULL;

	assert_int_equal(load(config, vars, NULL, &s, &err), -1);
	assert_int_equal(err->kind, ERR_USAGE);
	if (!strstr(err->msg, words))
		fail_msg("'%s' is not in: %s", words, err->msg);
}

#define VARS(...) ((const char *const[]){ "HOME=/", __VA_ARGS__ __VA_OPT__(, ) NULL })

static void test_settings_defaults(void **state)
{
	cleanup_settings struct aws_settings s = { 0 };
	cleanup_error struct error *err = NULL;

	(void)state;
	assert_int_equal(load("", VARS(), NULL, &s, NULL), 0);
	assert_string_equal(s.profile, "default");
	assert_false(s.profile_explicit);
	assert_int_equal(s.max_attempts, 3);
	assert_int_equal(s.retry_mode, RETRY_STANDARD);
	assert_true(s.s3_us_east_1_regional);
	assert_false(s.use_fips || s.use_dualstack || s.s3_path_style || s.sts_global);
	assert_null(aws_settings_endpoint_url(&s, AWS_S3, NULL));
	assert_int_equal(aws_settings_need_region(&s, &err), -1);
	assert_int_equal(err->kind, ERR_USAGE);
	assert_string_equal(
		err->msg,
		"no region is set: looked at --region, AWS_REGION, AWS_DEFAULT_REGION and "
		"'region' of profile 'default' in /.aws/config");
}

static void test_settings_precedence(void **state)
{
	static const char config[] = "[default]\nregion = eu-west-1\nuse_fips_endpoint = true\n"
				     "retry_mode = Legacy\nmax_attempts = 7\nca_bundle = ~/ca.pem\n"
				     "s3_us_east_1_regional_endpoint = legacy\n"
				     "s3 =\n  addressing_style = path\n"
				     "[profile other]\nregion = eu-west-2\n";
	const struct aws_options o = { .region = "eu-west-4",
				       .max_attempts = 5,
				       .use_dualstack = true };
	cleanup_settings struct aws_settings a = { 0 }, b = { 0 }, c = { 0 };

	(void)state;
	assert_int_equal(load(config, VARS(), NULL, &a, NULL), 0);
	assert_string_equal(a.region, "eu-west-1");
	assert_string_equal(a.region_source,
			    "'region' of profile 'default' (/.aws/config, line 2)");
	assert_string_equal(a.ca_bundle, "/ca.pem");
	assert_true(a.use_fips && a.s3_path_style && !a.s3_us_east_1_regional);
	assert_int_equal(a.max_attempts, 7);

	assert_int_equal(load(config,
			      VARS("AWS_PROFILE=other", "AWS_DEFAULT_REGION=eu-west-3",
				   "AWS_RETRY_MODE=adaptive",
				   "AWS_MAX_ATTEMPTS=", "AWS_USE_FIPS_ENDPOINT=FALSE"),
			      NULL, &b, NULL),
			 0);
	assert_true(b.profile_explicit);
	assert_string_equal(b.region, "eu-west-3");
	assert_string_equal(b.region_source, "AWS_DEFAULT_REGION");
	assert_int_equal(b.retry_mode, RETRY_ADAPTIVE);
	assert_int_equal(b.max_attempts, 3);

	assert_int_equal(load(config,
			      VARS("AWS_REGION=eu-west-5", "AWS_MAX_ATTEMPTS=9",
				   "AWS_USE_FIPS_ENDPOINT=false"),
			      &o, &c, NULL),
			 0);
	assert_string_equal(c.region, "eu-west-4");
	assert_string_equal(c.region_source, "--region");
	assert_int_equal(c.max_attempts, 5);
	assert_true(c.use_dualstack && !c.use_fips);
}

static void test_settings_endpoints(void **state)
{
	static const char config[] =
		"[default]\nendpoint_url = http://all\nservices = mine\n"
		"[services mine]\ncloudwatch_logs =\n  endpoint_url = http://logs\n";
	cleanup_settings struct aws_settings a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	const struct aws_options o = { .endpoint_url = "http://option" };
	const char *source;

	(void)state;
	assert_int_equal(load(config, VARS(), NULL, &a, NULL), 0);
	assert_string_equal(aws_settings_endpoint_url(&a, AWS_LOGS, &source), "http://logs");
	assert_string_equal(source, "'endpoint_url' of cloudwatch_logs in services 'mine' "
				    "(/.aws/config, line 5)");
	assert_string_equal(aws_settings_endpoint_url(&a, AWS_S3, NULL), "http://all");

	assert_int_equal(
		load(config,
		     VARS("AWS_ENDPOINT_URL=http://env", "AWS_ENDPOINT_URL_API_GATEWAY=http://gw"),
		     NULL, &b, NULL),
		0);
	assert_string_equal(aws_settings_endpoint_url(&b, AWS_APIGATEWAY, &source), "http://gw");
	assert_string_equal(source, "AWS_ENDPOINT_URL_API_GATEWAY");
	assert_string_equal(aws_settings_endpoint_url(&b, AWS_LOGS, NULL), "http://env");

	assert_int_equal(load(config,
			      VARS("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
				   "AWS_ENDPOINT_URL=http://env"),
			      NULL, &c, NULL),
			 0);
	assert_null(aws_settings_endpoint_url(&c, AWS_LOGS, NULL));

	assert_int_equal(
		load(config, VARS("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"), &o, &d, NULL), 0);
	assert_string_equal(aws_settings_endpoint_url(&d, AWS_S3, &source), "http://option");
	assert_string_equal(source, "--endpoint-url");
}

static void test_settings_bad(void **state)
{
	cleanup_settings struct aws_settings s = { 0 };
	cleanup_error struct error *err = NULL;

	(void)state;
	assert_bad("[default]\nmax_attempts = 0", VARS(),
		   "'max_attempts' of profile 'default' (/.aws/config, line 2) must be a number "
		   "from 1");
	assert_bad("", VARS("AWS_MAX_ATTEMPTS=3x"), "AWS_MAX_ATTEMPTS must be a number");
	assert_bad("", VARS("AWS_USE_FIPS_ENDPOINT=1"),
		   "AWS_USE_FIPS_ENDPOINT must be true or false, not '1'");
	assert_bad("", VARS("AWS_RETRY_MODE=fast"), "AWS_RETRY_MODE must be 'standard'");
	assert_bad("", VARS("AWS_REGION=eu west"), "AWS_REGION must be the name of a region");
	assert_bad("", VARS("AWS_ENDPOINT_URL_S3=s3.local"), "AWS_ENDPOINT_URL_S3 must be a URL");
	assert_bad("[default]\nservices = x\n", VARS(), "names the section 'services x'");
	assert_bad("[default]\ns3 =\n addressing_style = host\n", VARS(), "'addressing_style' of");
	assert_int_equal(load("[profile product]\n[profile staging]", VARS("AWS_PROFILE=produkt"),
			      NULL, &s, &err),
			 -1);
	assert_string_equal(err->msg, "the config profile (produkt) could not be found (named by "
				      "AWS_PROFILE)");
	assert_non_null(strstr(err->hint, "did you mean 'product'?"));
}

static void test_paths(void **state)
{
	struct env env = { .get = get,
			   .root = "",
			   .data = (void *)VARS("AWS_CONFIG_FILE=~/x",
						"AWS_SHARED_CREDENTIALS_FILE=~") };
	struct env plain = { .get = get,
			     .root = "",
			     .data = (void *)((const char *const[]){ "HOME=/h", NULL }) };
	cleanup_free char *a = aws_config_path(&env), *b = aws_credentials_path(&env);
	cleanup_free char *c = aws_credentials_path(&plain);
	cleanup_free char *d = aws_expand_home(&plain, "~other/x");

	(void)state;
	assert_string_equal(a, "/x");
	assert_string_equal(b, "/");
	assert_string_equal(c, "/h/.aws/credentials");
	assert_string_equal(d, "~other/x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_settings_defaults),
		cmocka_unit_test(test_settings_precedence),
		cmocka_unit_test(test_settings_endpoints),
		cmocka_unit_test(test_settings_bad),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
