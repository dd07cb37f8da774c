/* SPDX-License-Identifier: MIT */
/* Undoes setup-role: removes the role that it created, and the setting that names it. */
#ifndef SETUP_ROLE_REMOVE_H
#define SETUP_ROLE_REMOVE_H

struct aws_client;
struct changes;
struct error;

/*
 * Appends what is to be removed. ERR_REFUSED if the role was not created by this program,
 * has policies of others, or if stages of the region still log with it. setup: a struct
 * role_setup, of which name is used.
 */
int role_remove_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err);

#endif
