/* SPDX-License-Identifier: MIT */
/*
 * Runs the SDKs' shared-config parser tests: config FILE, a file in the form
 * of profile-parser-tests.json in smithy-rs.
 */
#include "config.h"

#include <string.h>

#include "aws/config/file.h"
#include "base/error.h"
#include "base/json.h"
#include "runner.h"

/* The keys of "config" in a case, by kind of section. */
static const char *const kinds[CONFIG_SECTION_KINDS] = {
	[CONFIG_PROFILE] = "profiles",
	[CONFIG_SSO_SESSION] = "sso_sessions",
	[CONFIG_SERVICES] = "services",
	[CONFIG_TOOL] = "apigw_logs",
};

/* The configuration in the form of a case: kind → section → property → text. */
static void collect(void *data, enum config_section kind, const char *section, const char *key,
		    const char *sub, const char *value)
{
	json_t *sections = json_object_get(data, kinds[kind]);

	if (!key)
		json_object_set_new(sections, section, json_object());
	else if (!sub)
		json_object_set_new(json_object_get(sections, section), key, json_string(value));
}

/* A nested property may be given as an object. */
static void compare_nested(const struct aws_config *c, enum config_section kind, json_t *want,
			   json_t *got)
{
	const char *section, *key, *sub;
	json_t *properties, *value, *text;

	json_object_foreach(want, section, properties) {
		json_object_foreach(properties, key, value) {
			json_t *nested = json_object();

			json_object_foreach(value, sub, text)
				json_object_set_new(nested, sub,
						    json_string(aws_config_get_sub(c, kind, section,
										   key, sub)));
			if (json_is_object(value))
				json_object_set(json_object_get(got, section), key, nested);
			json_decref(nested);
		}
	}
}

static void compare(const char *name, const json_t *want, const struct aws_config *c)
{
	cleanup_json json_t *got = json_object();

	for (int i = 0; i < CONFIG_SECTION_KINDS; i++)
		json_object_set_new(got, kinds[i], json_object());
	aws_config_walk(c, collect, got);
	for (int i = 0; i < CONFIG_SECTION_KINDS; i++) {
		json_t *w = json_object_get(want, kinds[i]), *g = json_object_get(got, kinds[i]);
		cleanup_buf struct buf text = BUF_INIT;

		/* Profiles are always given; a kind that is not given is not compared. */
		if (!w && i != CONFIG_PROFILE)
			continue;
		compare_nested(c, (enum config_section)i, w, g);
		if (w && json_equal(w, g))
			continue;
		json_add_sorted(&text, g);
		runner_fail(name, "%s are %s", kinds[i], text.data);
		return;
	}
	runner_pass(name);
}

static void run(const json_t *test)
{
	const char *name = json_str(test, "name");
	const json_t *input = json_obj(test, "input"), *output = json_obj(test, "output");
	const json_t *config = json_object_get(input, "configFile");
	const json_t *credentials = json_object_get(input, "credentialsFile");
	const char *wanted = json_str(output, "errorContaining");
	cleanup(aws_config_freep) struct aws_config *c = NULL;
	cleanup_error struct error *err = NULL;

	if (aws_config_parse(json_string_value(config), json_string_length(config), "config",
			     json_string_value(credentials), json_string_length(credentials),
			     "credentials", &c, &err) < 0) {
		if (!wanted)
			runner_fail(name, "unexpected error: %s", err->msg);
		else if (!strstr(err->msg, wanted))
			runner_fail(name, "the error is: %s", err->msg);
		else
			runner_pass(name);
	} else if (wanted) {
		runner_fail(name, "no error");
	} else {
		compare(name, json_obj(output, "config"), c);
	}
}

int main(int argc, char **argv)
{
	return runner_main(argc, argv, "tests", run);
}
