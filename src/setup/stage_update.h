/* SPDX-License-Identifier: MIT */
/*
 * The change of a stage, as stage_look() plans it: one UpdateStage.
 * args: api, stage, settings (by name, as strings; methods: a level for each key), and for
 * v2 route_settings and routes as they are now.
 */
#ifndef SETUP_STAGE_UPDATE_H
#define SETUP_STAGE_UPDATE_H

#include "setup/change.h"

int stage_update_rest(const struct change_run *run, const json_t *args, struct error **err);
int stage_update_v2(const struct change_run *run, const json_t *args, struct error **err);

#endif
