/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/service.h"
#include "base/xalloc.h"
#include "world.h"

static void remember(struct world *w, const struct http_request *req)
{
	buf_clear(&w->last);
	buf_addf(&w->last, "%s %s%s%s%s\n", req->method, req->origin ? req->origin : "",
		 req->path.data, req->query.len ? "?" : "", req->query.data);
	for (size_t i = 0; i < req->headers.n; i++)
		buf_addf(&w->last, "%s: %s\n", req->headers.v[i].name, req->headers.v[i].value);
	buf_addc(&w->last, '\n');
	buf_add(&w->last, req->body, req->body_len);
}

static int answer(struct world *w, const struct http_request *req, struct http_response *ret,
		  struct error **err)
{
	int i = w->sent < WORLD_REPLIES ? w->sent : WORLD_REPLIES - 1;
	struct world_reply *r = &w->replies[i];

	while (r > w->replies && !r->status && !r->body)
		r--;
	w->sent++;
	remember(w, req);
	if (!r->status) {
		ret->failure = HTTP_CONNECT;
		return err_set(err, ERR_UNREACHABLE, "no connection");
	}
	ret->status = r->status;
	buf_adds(&ret->body, r->body ? r->body : "");
	return 0;
}

static int world_send(struct http_transport *t, const struct http_request *req,
		      struct http_response *ret, struct error **err)
{
	return answer((struct world *)((char *)t - offsetof(struct world, http)), req, ret, err);
}

static int call(void *data, enum aws_service service, const char *region,
		const struct credentials *with, struct http_request *req, struct http_response *ret,
		struct error **err)
{
	struct world *w = data;
	int r = answer(w, req, ret, err);

	buf_addf(&w->last, "\n[%s %s %s]", aws_service_info(service)->endpoint, region,
		 with ? with->access_key_id : "unsigned");
	if (r == 0 && ret->status >= 300) {
		r = err_set(err, ret->status < 500 ? ERR_REFUSED : ERR_UNREACHABLE, "refused");
		if (err)
			(*err)->http_status = ret->status;
	}
	return r;
}

static int ask(void *data, const char *question, struct buf *ret, struct error **err)
{
	struct world *w = data;

	(void)err;
	snprintf(w->question, sizeof(w->question), "%s", question);
	buf_adds(ret, w->code);
	return 0;
}

static int run(void *data, const char *command, struct buf *ret, struct error **err)
{
	struct world *w = data;

	(void)command, (void)err;
	w->sent++;
	buf_adds(ret, w->output);
	return 0;
}

int world_setup(void **state)
{
	struct world *w = *state = xcalloc(1, sizeof(*w));

	*w = (struct world){ .root = "/tmp/apigw-logs-cred-XXXXXX", .last = BUF_INIT };
	assert_non_null(mkdtemp(w->root));
	w->fake.variables[0] = "HOME=/home";
	w->fake.variables[1] = "AWS_REGION=eu-west-1";
	w->fake.variables[2] = "AWS_EC2_METADATA_DISABLED=true";
	w->fake.now_ms = INT64_C(1700000000000);
	fake_env_init(&w->fake, w->root);
	w->http.send = world_send;
	w->ctx = (struct cred_context){
		.env = &w->fake.env,
		.settings = &w->settings,
		.http = &w->http,
		.call = call,
		.call_data = w,
	};
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

int world_teardown(void **state)
{
	struct world *w = *state;

	nftw(w->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	aws_settings_release(&w->settings);
	buf_release(&w->last);
	free(w);
	return 0;
}

void world_file(struct world *w, const char *path, const char *text)
{
	cleanup_free char *full = xasprintf("%s%s", w->root, path);
	FILE *f;

	for (char *p = strchr(full + strlen(w->root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

char *world_read(struct world *w, const char *path)
{
	struct buf text = BUF_INIT;

	assert_int_equal(env_read_file(&w->fake.env, path, &text, NULL, NULL), 0);
	return buf_take(&text);
}

struct cred_chain *world_chain(struct world *w, const char *profile)
{
	struct aws_options opts = { .profile = profile };

	aws_settings_release(&w->settings);
	assert_int_equal(aws_settings_load(&w->fake.env, &opts, &w->settings, NULL), 0);
	if (w->code) {
		w->ctx.ask = ask;
		w->ctx.ask_data = w;
	}
	if (w->output) {
		w->ctx.run = run;
		w->ctx.run_data = w;
	}
	return cred_chain_new(&w->ctx);
}

void world_resolves(struct cred_chain *c, struct credentials *ret)
{
	cleanup_error struct error *err = NULL;

	if (cred_resolve(c, ret, &err) < 0)
		fail_msg("%s", err->msg);
}

static void assert_says(const char *text, const char *words)
{
	if (!text || !strstr(text, words))
		fail_msg("'%s' is not in: %s", words, text ? text : "(nothing)");
}

void world_fails(struct cred_chain *c, enum err_kind kind, const char *words, const char *hint)
{
	struct credentials got = { 0 };
	cleanup_error struct error *err = NULL;

	assert_int_equal(cred_resolve(c, &got, &err), -1);
	assert_null(got.access_key_id);
	if (err->kind != kind)
		fail_msg("kind %d, not %d: %s", (int)err->kind, (int)kind, err->msg);
	assert_says(err->msg, words);
	if (hint)
		assert_says(err->hint, hint);
}
