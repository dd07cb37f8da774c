/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/verify_files.h"

#include <string.h>

#include "aws/service/kms.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cmd/report_html.h"

#define KEY_MAX ((size_t)64 << 10)
#define SIGNATURE_MAX ((size_t)64 << 10)
/* json_parse() limits a report to some 100,000 objects, of about 700 bytes each. */
#define REPORT_MAX ((size_t)256 << 20)
#define REPORT_MODE 0666

static char *signature_name(const char *report)
{
	return xasprintf("%s.sig", report);
}

/* The user named the file, so what is wrong with it is wrong with the command line. */
static int read_named(struct app *app, const char *path, struct buf *ret, struct error **err)
{
	cleanup_error struct error *own = NULL;

	if (env_read_file(&app->env, path, ret, NULL, &own) == 0)
		return 0;
	own->kind = ERR_USAGE;
	return err_move(&own, err);
}

static int read_key(struct app *app, const char *path, struct sign_key *(*make)(const char *pem),
		    const char *kind, struct sign_key **ret, struct error **err)
{
	cleanup_buf struct buf pem = BUF_SECRET_MAX(KEY_MAX);

	if (read_named(app, path, &pem, err) < 0)
		return -1;
	*ret = make(pem.data);
	if (*ret)
		return 0;
	err_set(err, ERR_USAGE, "'%s' has no %s key of Ed25519 or ECDSA in PEM", path, kind);
	return err_hint(err, "make one: openssl genpkey -algorithm ed25519 -out KEY; a passphrase "
			     "cannot be given");
}

/* Checks the signature that lies beside the report, if there is a key to check it with. */
static int check_signature(const struct verify_files *f, struct app *app, const struct buf *report,
			   struct error **err)
{
	cleanup_free char *name = signature_name(f->against);
	cleanup_buf struct buf signature = BUF_INIT_MAX(SIGNATURE_MAX);
	cleanup_error struct error *own = NULL;
	cleanup(sign_key_freep) struct sign_key *key = NULL;
	bool missing;
	int r = env_read_file(&app->env, name, &signature, &missing, &own);

	if (!f->public_key) {
		if (r == 0)
			warning(&app->out,
				"the signature of '%s' is not checked: name its key with "
				"--public-key",
				f->against);
		return 0;
	}
	if (read_key(app, f->public_key, sign_key_new_public, "public", &key, err) < 0)
		return -1;
	if (r < 0 && !missing)
		return err_move(&own, err);
	if (missing)
		return err_set(err, ERR_FOUND, "'%s' is not signed: there is no '%s'", f->against,
			       name);
	if (!sign_key_verify(key, report->data, report->len, signature.data, signature.len))
		return err_set(err, ERR_FOUND,
			       "'%s' was changed, or signed with another key than '%s': its "
			       "signature does not match",
			       f->against, f->public_key);
	return 0;
}

static int load_earlier(struct verify_files *f, struct app *app, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT_MAX(REPORT_MAX);

	if (read_named(app, f->against, &text, err) < 0 || check_signature(f, app, &text, err) < 0)
		return -1;
	if (against_parse(text.data, text.len, &f->earlier, err) < 0)
		return err_wrap(err, "cannot use the report '%s'", f->against);
	return 0;
}

int verify_files_load(struct verify_files *f, struct app *app, struct error **err)
{
	if (f->sign && !f->report)
		return err_set(err, ERR_USAGE, "--sign needs --report");
	if (f->public_key && !f->against)
		return err_set(err, ERR_USAGE, "--public-key needs --against");
	if (f->sign && !str_starts(f->sign, "arn:") &&
	    read_key(app, f->sign, sign_key_new, "private", &f->key, err) < 0)
		return -1;
	return f->against ? load_earlier(f, app, err) : 0;
}

static int write_signature(const struct verify_files *f, struct app *app, const struct buf *text,
			   struct error **err)
{
	cleanup_free char *name = signature_name(f->report);
	cleanup_buf struct buf signature = BUF_INIT_MAX(SIGNATURE_MAX);
	uint8_t digest[SHA256_SIZE];

	if (f->key) {
		sign_key_sign(f->key, text->data, text->len, &signature);
	} else {
		sha256_once(text->data, text->len, digest);
		if (kms_sign(app->client, f->sign, digest, &signature, err) < 0)
			return err_wrap(err, "the report was written, but not signed");
	}
	return env_write_file(&app->env, name, signature.data, signature.len, REPORT_MODE, err);
}

int verify_files_write(const struct verify_files *f, struct app *app, const json_t *document,
		       struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT_MAX(REPORT_MAX), html = BUF_INIT_MAX(REPORT_MAX);

	json_add_indented(&text, document);
	buf_addc(&text, '\n');
	if (f->html)
		report_html(document, &text, &html);
	if (buf_full(&text) || buf_full(&html))
		return err_set(err, ERR_LOCAL, "the report would be larger than %zu MiB",
			       REPORT_MAX >> 20);
	if (f->report &&
	    env_write_file(&app->env, f->report, text.data, text.len, REPORT_MODE, err) < 0)
		return -1;
	if (f->sign && write_signature(f, app, &text, err) < 0)
		return -1;
	if (!f->html)
		return 0;
	return env_write_file(&app->env, f->html, html.data, html.len, REPORT_MODE, err);
}

void verify_files_release(struct verify_files *f)
{
	sign_key_free(f->key);
	against_release(&f->earlier);
}
