/* SPDX-License-Identifier: MIT */
/* What file.h and parse.h both need to name. */
#ifndef AWS_CONFIG_SECTION_H
#define AWS_CONFIG_SECTION_H

/* Kinds of sections of a configuration file: [profile x] and [x], [sso-session x], [services x]. */
enum config_section { CONFIG_PROFILE, CONFIG_SSO_SESSION, CONFIG_SERVICES };
#define CONFIG_SECTION_KINDS 3

#endif
