/* SPDX-License-Identifier: MIT */
/*
 * ~/.aws/config and ~/.aws/credentials, read as the SDKs read them.
 * Source: "Configuration and credential file settings" in the AWS SDKs and
 * Tools Reference Guide, and the SDKs' published shared-config tests.
 */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include <stddef.h>

#include "base/cleanup.h"

struct env;
struct error;

struct aws_config;

/* Kinds of sections: [profile x] and [x], [sso-session x], [services x]. */
enum config_section { CONFIG_PROFILE, CONFIG_SSO_SESSION, CONFIG_SERVICES };

/*
 * Either text may be NULL (no such file). The names are for the errors, which
 * are ERR_USAGE and name file and line.
 */
int aws_config_parse(const char *config, size_t config_len, const char *config_name,
		     const char *credentials, size_t credentials_len,
		     const char *credentials_name, struct aws_config **ret, struct error **err);
/* Reads the two files from where the environment puts them; absent files are empty. */
int aws_config_load(const struct env *env, struct aws_config **ret, struct error **err);
void aws_config_free(struct aws_config *c);
DEFINE_CLEANUP(struct aws_config *, aws_config_free)

/* AWS_CONFIG_FILE / AWS_SHARED_CREDENTIALS_FILE, else under the home; '~' expanded. Caller frees. */
char *aws_config_path(const struct env *env);
char *aws_credentials_path(const struct env *env);

/* 1 if the section is there, even if empty. */
int aws_config_has(const struct aws_config *c, enum config_section kind, const char *name);
/* A property's value, borrowed, or NULL. Names of properties are in lower case. */
const char *aws_config_get(const struct aws_config *c, enum config_section kind, const char *name,
			   const char *key);
/* A nested property: "s3 =\n  addressing_style = path" is key "s3", sub "addressing_style". */
const char *aws_config_get_sub(const struct aws_config *c, enum config_section kind,
			       const char *name, const char *key, const char *sub);

/* Walks all, for the vector runner: calls fn for each section, then for each of its properties. */
typedef void config_visit(void *data, enum config_section kind, const char *section,
			  const char *key, const char *sub, const char *value);
void aws_config_walk(const struct aws_config *c, config_visit *fn, void *data);

#endif
