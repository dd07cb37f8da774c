/* SPDX-License-Identifier: MIT */
/*
 * Runs the SDKs' tests of where the files are: location FILE, a file in the
 * form of file-location-tests.json in smithy-rs.
 */
#include "config.h"

#include "aws/config/file.h"
#include "aws/config/settings.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "runner.h"

static const char *get(void *data, const char *name)
{
	return json_str(data, name);
}

/*
 * Which profile is used: the files of a case do not exist, so the error names any
 * profile but "default".
 */
static char *profile_in_use(const struct env *env)
{
	const struct aws_options none = { 0 };
	cleanup_settings struct aws_settings s = { 0 };
	cleanup_error struct error *err = NULL;
	const char *begin;

	if (aws_settings_load(env, &none, &s, &err) == 0)
		return xstrdup(s.profile);
	begin = strchr(err->msg, '(');
	return begin ? xstrndup(begin + 1, strcspn(begin + 1, ")")) : xstrdup(err->msg);
}

static void run(const json_t *test)
{
	const char *name = json_str(test, "name"), *platform = json_str(test, "platform");
	const char *profile = json_str(test, "profile");
	struct env env = { .get = get,
			   .data = json_object_get(test, "environment"),
			   .root = "/nonexistent" };
	cleanup_free char *config = aws_config_path(&env);
	cleanup_free char *credentials = aws_credentials_path(&env);
	cleanup_free char *used = profile_in_use(&env);

	if (str_eq0(platform, "windows"))
		runner_skip(name, "a case of Windows");
	else if (!str_eq0(config, json_str(test, "configLocation")))
		runner_fail(name, "the config file is %s", config);
	else if (!str_eq0(credentials, json_str(test, "credentialsLocation")))
		runner_fail(name, "the credentials file is %s", credentials);
	else if (profile && !str_eq(profile, used))
		runner_fail(name, "the profile is %s", used);
	else
		runner_pass(name);
}

int main(int argc, char **argv)
{
	return runner_main(argc, argv, "tests", run);
}
