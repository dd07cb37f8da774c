/* SPDX-License-Identifier: MIT */
/*
 * The settings that options, environment and profile result in, in the SDKs' order of
 * precedence, each with its source.
 * Source: the settings reference of the AWS SDKs and Tools Reference Guide.
 */
#ifndef AWS_CONFIG_SETTINGS_H
#define AWS_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/service.h"

struct aws_config;
struct env;
struct error;

/* As given on the command line; NULL, false or 0 if not given. */
struct aws_options {
	const char *region, *profile, *endpoint_url, *ca_bundle;
	int64_t connect_timeout_ms, read_timeout_ms;
	int max_attempts;
	bool use_fips, use_dualstack;
};

enum retry_mode { RETRY_STANDARD, RETRY_ADAPTIVE };

/*
 * The SDKs' defaults, except for connecting: a host that does not answer within 10 s will
 * not within 60.
 */
#define SETTINGS_CONNECT_TIMEOUT_MS 10000
#define SETTINGS_READ_TIMEOUT_MS 60000
#define SETTINGS_MAX_ATTEMPTS 3
/* With more, a call would wait for days on a service that is down. */
#define SETTINGS_MAX_ATTEMPTS_LIMIT 1000

struct aws_settings {
	struct aws_config *config;
	char *profile;          /* "default" unless told */
	bool profile_explicit;  /* named by option or environment: then it must exist */
	bool profile_by_option; /* --profile: keys in the environment are passed over, as by aws */
	char *region;           /* NULL if nowhere: see aws_settings_need_region() */
	char *region_source;    /* for the user: "--region", "AWS_REGION", … */
	char *ca_bundle;        /* or NULL; '~' expanded */
	int64_t connect_timeout_ms, read_timeout_ms;
	int max_attempts;
	enum retry_mode retry_mode; /* "legacy" is taken as standard */
	bool use_fips, use_dualstack;
	bool s3_path_style;         /* profile: s3 = addressing_style = path */
	bool s3_us_east_1_regional; /* s3_us_east_1_regional_endpoint; true unless "legacy" */
	bool sts_global;            /* sts_regional_endpoints = legacy */
	char *endpoint_option;      /* --endpoint-url */
	bool ignore_configured_endpoints;
	/* By service; the text and where it came from, or NULL. See aws_settings_endpoint_url(). */
	struct aws_endpoint_setting {
		char *url, *source;
	} endpoints[AWS_SERVICE_COUNT];
	const struct env *env; /* borrowed */
};

/*
 * Reads the files and looks everything up. An invalid value is ERR_USAGE, and the error
 * says where it was found. opts and env->get's strings are copied.
 */
int aws_settings_load(const struct env *env, const struct aws_options *opts,
		      struct aws_settings *ret, struct error **err);
void aws_settings_release(struct aws_settings *s);
#define cleanup_settings cleanup(aws_settings_release)

/* Fails with ERR_USAGE, naming each place where a region was looked for. */
int aws_settings_need_region(const struct aws_settings *s, struct error **err);

/*
 * The custom endpoint of a service, or NULL: --endpoint-url, AWS_ENDPOINT_URL_<ID>,
 * AWS_ENDPOINT_URL, the profile's services section, the profile's endpoint_url.
 * *ret_source (may be NULL) says which, for the user. Both are borrowed.
 */
const char *aws_settings_endpoint_url(const struct aws_settings *s, enum aws_service service,
				      const char **ret_source);
/* The first custom endpoint that has no TLS and is not on this machine, or NULL. Borrowed. */
const char *aws_settings_plain_endpoint(const struct aws_settings *s);

#endif
