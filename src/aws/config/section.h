/* SPDX-License-Identifier: MIT */
/* What file.h and parse.h both need to name. */
#ifndef AWS_CONFIG_SECTION_H
#define AWS_CONFIG_SECTION_H

/*
 * Kinds of sections of a configuration file: [profile x] and [x], [sso-session x], [services x]; and
 * this program's own, [apigw-logs], which is named CONFIG_TOOL_NAME. */
enum config_section { CONFIG_PROFILE, CONFIG_SSO_SESSION, CONFIG_SERVICES, CONFIG_TOOL };
#define CONFIG_SECTION_KINDS 4
#define CONFIG_TOOL_NAME "apigw-logs"

#endif
