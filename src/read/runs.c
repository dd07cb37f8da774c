/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/xalloc.h"

int record_order(const struct record *a, const struct record *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int by_record(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return record_order(&x->r, &y->r);
}

void entries_release(struct entries *e)
{
	free(e->v);
	buf_release(&e->text);
	*e = ENTRIES_INIT;
}

void entries_add(struct entries *e, const struct record *r, const char *p)
{
	GROW(e->v, e->n);
	e->v[e->n++] = (struct entry){ *r, e->text.len };
	buf_add(&e->text, p, r->n);
}

/* Most objects are in order already. */
void entries_sort(struct entries *e)
{
	for (size_t i = 1; i < e->n; i++)
		if (by_record(&e->v[i - 1], &e->v[i]) > 0) {
			qsort(e->v, e->n, sizeof(*e->v), by_record);
			return;
		}
}

void runs_release(struct runs *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].v);
	free(r->v);
	*r = (struct runs){ 0 };
}

static struct run *runs_add(struct runs *r)
{
	GROW(r->v, r->n);
	r->v[r->n] = (struct run){ 0 };
	return &r->v[r->n++];
}

static void run_add(struct run *r, struct extent x, const struct record *last)
{
	GROW(r->v, r->n);
	r->v[r->n++] = x;
	r->last = *last;
}

static int open_file(const char *folder)
{
	char *path = NULL;
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	/* Not every file system can do without a name. */
	path = xasprintf("%s/apigw-logs-XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

static int explain(const struct run_file *f, struct error **err)
{
	err_errno(err, errno, "cannot sort in a temporary file in '%s'", f->folder);
	return err_hint(err, "name another folder with TMPDIR, or do without order: --unordered");
}

/* Reserves a place at the end of the file. */
static int allocate(struct run_file *f, size_t n, struct extent *ret, struct error **err)
{
	int r = 0;

	pthread_mutex_lock(&f->lock);
	if (f->fd < 0)
		f->fd = open_file(f->folder);
	if (f->fd < 0) {
		r = explain(f, err);
	} else {
		*ret = (struct extent){ f->end, n };
		f->end += (off_t)n;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int write_extent(struct run_file *f, const struct buf *b, struct extent *ret,
			struct error **err)
{
	struct extent x = { 0 };
	size_t done = 0;

	if (allocate(f, b->len, &x, err) < 0)
		return -1;
	while (done < b->len) {
		ssize_t n = pwrite(f->fd, b->data + done, b->len - done, x.at + (off_t)done);

		if (n < 0 && errno != EINTR)
			return explain(f, err);
		done += n > 0 ? (size_t)n : 0;
	}
	*ret = x;
	return 0;
}

/* Writes the entries as a run, or behind the last one if they follow it. */
int run_file_write(struct run_file *f, struct entries *e, struct runs *runs, struct error **err)
{
	cleanup_buf struct buf b = BUF_INIT_MAX(SIZE_MAX / 2);
	struct extent x = { 0 };
	struct run *run = runs->n ? &runs->v[runs->n - 1] : NULL;

	if (e->n == 0)
		return 0;
	entries_sort(e);
	buf_reserve(&b, e->text.len + e->n * sizeof(struct record));
	for (size_t i = 0; i < e->n; i++) {
		buf_add(&b, &e->v[i].r, sizeof(e->v[i].r));
		buf_add(&b, e->text.data + e->v[i].at, e->v[i].r.n);
	}
	if (write_extent(f, &b, &x, err) < 0)
		return -1;
	if (!run || record_order(&run->last, &e->v[0].r) > 0)
		run = runs_add(runs);
	run_add(run, x, &e->v[e->n - 1].r);
	e->n = 0;
	buf_clear(&e->text);
	return 0;
}

void runs_take(struct runs *to, struct runs *from)
{
	for (size_t i = 0; i < from->n; i++)
		*runs_add(to) = TAKE(from->v[i]);
	runs_release(from);
}

void run_file_init(struct run_file *f, const char *folder)
{
	*f = (struct run_file){ .folder = folder, .fd = -1 };
	pthread_mutex_init(&f->lock, NULL);
}

void run_file_clear(struct run_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->end = 0;
}

void run_file_release(struct run_file *f)
{
	run_file_clear(f);
	pthread_mutex_destroy(&f->lock);
}

ssize_t run_file_read(const struct run_file *f, void *p, size_t n, off_t at, struct error **err)
{
	ssize_t got;

	do
		got = pread(f->fd, p, n, at);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		return got;
	errno = got < 0 ? errno : EIO;
	return explain(f, err);
}
