/* SPDX-License-Identifier: MIT */
/*
 * ~/.aws/config and ~/.aws/credentials, read as the SDKs read them.
 * Source: "Configuration and credential file settings" in the AWS SDKs and
 * Tools Reference Guide, and the SDKs' published shared-config tests.
 */
#ifndef AWS_CONFIG_FILE_H
#define AWS_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/config/section.h"
#include "base/cleanup.h"

struct env;
struct error;

struct aws_config;

/* A larger file is refused: nobody writes one by hand. */
#define CONFIG_FILE_MAX ((size_t)4 << 20)

/*
 * Either text may be NULL (no such file). The names are for the errors, which
 * are ERR_USAGE and name file and line.
 */
int aws_config_parse(const char *config, size_t config_len, const char *config_name,
		     const char *credentials, size_t credentials_len, const char *credentials_name,
		     struct aws_config **ret, struct error **err);
/*
 * Reads the two files from where the environment puts them; absent files are
 * empty. A file that is there and cannot be read is ERR_LOCAL.
 */
int aws_config_load(const struct env *env, struct aws_config **ret, struct error **err);
void aws_config_free(struct aws_config *c);
DEFINE_CLEANUP(struct aws_config *, aws_config_free)

/*
 * AWS_CONFIG_FILE / AWS_SHARED_CREDENTIALS_FILE, else under the home: HOME, else the
 * user's entry in the password file. A leading "~" is the home, and stays where there is none.
 * Caller frees.
 */
char *aws_config_path(const struct env *env);
char *aws_credentials_path(const struct env *env);
/* A copy of path with a leading "~" or "~/" replaced by the home. Caller frees. */
char *aws_expand_home(const struct env *env, const char *path);

/* True if the section is there, even if empty. */
bool aws_config_has(const struct aws_config *c, enum config_section kind, const char *name);
/* A property's value, borrowed, or NULL. Names of properties are in lower case. */
const char *aws_config_get(const struct aws_config *c, enum config_section kind, const char *name,
			   const char *key);
/* A nested property: "s3 =\n  addressing_style = path" is key "s3", sub "addressing_style". */
const char *aws_config_get_sub(const struct aws_config *c, enum config_section kind,
			       const char *name, const char *key, const char *sub);
/*
 * Where a property (sub NULL) or a nested one was read, for the user:
 * "profile 'x' (/home/u/.aws/config, line 3)". Caller frees.
 */
char *aws_config_where(const struct aws_config *c, enum config_section kind, const char *name,
		       const char *key, const char *sub);

/*
 * Walks all in the order of the files: calls fn for each section (key NULL),
 * for each of its properties (sub NULL), and for each nested property.
 */
typedef void config_visit(void *data, enum config_section kind, const char *section,
			  const char *key, const char *sub, const char *value);
void aws_config_walk(const struct aws_config *c, config_visit *fn, void *data);

#endif
