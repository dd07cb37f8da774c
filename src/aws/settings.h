/* SPDX-License-Identifier: MIT */
/*
 * What the options, the environment and the profile say together, in the SDKs'
 * order of precedence, each with where it came from.
 */
#ifndef AWS_SETTINGS_H
#define AWS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/service.h"

struct aws_config;
struct env;
struct error;

/* As typed on the command line; NULL, -1 or 0 where nothing was. */
struct aws_options {
	const char *region, *profile, *endpoint_url, *ca_bundle;
	int64_t connect_timeout_ms, read_timeout_ms; /* 0: not given */
	int max_attempts;                            /* 0: not given */
	bool use_fips, use_dualstack;
};

enum retry_mode { RETRY_STANDARD, RETRY_ADAPTIVE };

struct aws_settings {
	struct aws_config *config;
	char *profile;        /* "default" unless told */
	bool profile_explicit;/* named by option or environment: then it must exist */
	char *region;         /* NULL if nowhere; settings_need_region() says where it was looked for */
	char *region_source;  /* for people: "--region", "AWS_REGION", "profile 'x' in ~/.aws/config" */
	char *ca_bundle;      /* or NULL */
	int64_t connect_timeout_ms, read_timeout_ms;
	int max_attempts;
	enum retry_mode retry_mode;
	bool use_fips, use_dualstack;
	bool s3_path_style;   /* profile: s3 = addressing_style = path */
	bool s3_us_east_1_regional; /* profile/env: s3_us_east_1_regional_endpoint, default true */
	char *endpoint_option;/* --endpoint-url */
	bool ignore_configured_endpoints;
	const struct env *env;/* borrowed */
};

int aws_settings_load(const struct env *env, const struct aws_options *opts,
		      struct aws_settings *ret, struct error **err);
void aws_settings_release(struct aws_settings *s);

/* Fails with ERR_USAGE, naming each place that was looked at. */
int aws_settings_need_region(const struct aws_settings *s, struct error **err);

/*
 * The custom endpoint of a service, or NULL: --endpoint-url, AWS_ENDPOINT_URL_<ID>,
 * AWS_ENDPOINT_URL, the profile's services section, the profile's endpoint_url.
 * *ret_source (may be NULL) says which, for people. Both are borrowed.
 */
const char *aws_settings_endpoint_url(const struct aws_settings *s, enum aws_service service,
				      const char **ret_source);

#endif
