/* SPDX-License-Identifier: MIT */
/*
 * Defaults of the user's for options with OPT_DEFAULT. For --bucket: the environment
 * variable APIGW_LOGS_BUCKET, or else the key "bucket" in the section [apigw-logs] of
 * ~/.aws/config.
 */
#ifndef CLI_DEFAULTS_H
#define CLI_DEFAULTS_H

struct app;
struct error;
struct opt_scope;

/*
 * Sets those options of the scope that the command line does not have; -v says from where.
 * A wrong value is ERR_USAGE, and the error says where it is.
 */
int defaults_apply(struct app *app, const struct opt_scope *scope, struct error **err);

#endif
