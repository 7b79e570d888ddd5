// SPDX-License-Identifier: Apache-2.0
// Network namespaces, held by descriptors only, so that they end with their holder (man 7
// network_namespaces).
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link.h"

// Of the thread, not of the process: setns moves a single thread.
static const char OWN_NAMESPACE[] = "/proc/thread-self/ns/net";

static int open_read_only(const char *path) {
  int fd;
  do fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

int fj_netns_open(const char *path) {
  return open_read_only(path ? path : OWN_NAMESPACE);
}

// The thread's namespace, to come back to: -EPERM when it could not.
static int former_namespace(void) {
  int former = fj_netns_open(NULL);
  if (former < 0) return former;
  // Coming back takes leave too, and it may be denied where going is not: in a user namespace of one's own,
  // the way back to the network namespace of the one outside. Ask before going.
  if (setns(former, CLONE_NEWNET)) {
    int error = -errno;
    close(former);
    return error;
  }
  return former;
}

int fj_netns_enter(int fd) {
  int former = former_namespace();
  if (former < 0) return former;
  if (setns(fd, CLONE_NEWNET)) {
    int error = -errno;
    close(former);
    return error;
  }
  return former;
}

int fj_netns_leave(int former) {
  int error = setns(former, CLONE_NEWNET) ? -errno : 0;
  close(former);
  return error;
}

int fj_netns_create(void) {
  int former = former_namespace();
  if (former < 0) return former;
  int created;
  if (unshare(CLONE_NEWNET)) {
    created = -errno;
    close(former);
    return created;
  }
  created = fj_netns_open(NULL);
  int back = fj_netns_leave(former);
  if (back == 0 || created < 0) return back ? back : created;
  close(created);
  return back;
}

int64_t fj_netns_inode(int fd) {
  // statx, since fstat became a versioned symbol of its own only in glibc 2.33.
  struct statx status;
  if (statx(fd, "", AT_EMPTY_PATH, STATX_INO, &status)) return -errno;
  return (int64_t)status.stx_ino;
}

int fj_visit_begin(struct fj_visit *visit, const char *netns) {
  visit->former = -1;
  if (!netns) return 0;
  int target = open_read_only(netns);
  if (target < 0) return target;
  int former = fj_netns_enter(target);
  close(target);
  if (former < 0) return former;
  visit->former = former;
  return 0;
}

int fj_visit_end(struct fj_visit *visit) {
  if (visit->former < 0) return 0;
  int error = fj_netns_leave(visit->former);
  visit->former = -1;
  return error;
}

static int write_file(const char *path, const char *value) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t written;
  do written = write(fd, value, strlen(value));
  while (written < 0 && errno == EINTR);
  int error = written < 0 ? -errno : 0;
  close(fd);
  return error;
}

int fj_netns_write_sysctl(int fd, const char *path, const char *value) {
  // /proc/sys/net is looked up in the namespace of the thread that opens it.
  int former = fj_netns_enter(fd);
  if (former < 0) return former;
  int error = write_file(path, value);
  int back = fj_netns_leave(former);
  return error ? error : back;
}
