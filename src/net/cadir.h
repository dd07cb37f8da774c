/* SPDX-License-Identifier: MIT */
/* Folders of CA certificates, from which OpenSSL reads only those that it needs. */
#ifndef NET_CADIR_H
#define NET_CADIR_H

#include <stdbool.h>

/*
 * True if path, which may be NULL, is a folder of certificates with hashed names, as
 * c_rehash makes it. Debian's store is a file and such a folder: OpenSSL reads all of
 * the file for each connection, and of the folder only the certificate that it needs.
 */
bool cadir_is_hashed(const char *path);

#endif
