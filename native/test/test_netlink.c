// SPDX-License-Identifier: Apache-2.0
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

struct request {
  struct nlmsghdr header;
  struct ifinfomsg link;
};

static struct request ask(uint16_t type, uint16_t flags, uint32_t sequence, int ifindex) {
  return (struct request){
      .header = {sizeof(struct request), type, (uint16_t)(NLM_F_REQUEST | flags), sequence, 0},
      .link = {.ifi_family = AF_UNSPEC, .ifi_index = ifindex},
  };
}

static int count(const struct fj_answer *answer, uint16_t type) {
  int found = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= answer->length;) {
    struct nlmsghdr header;
    memcpy(&header, answer->bytes + at, sizeof header);
    found += header.nlmsg_type == type;
    at += NLMSG_ALIGN((size_t)header.nlmsg_len);
  }
  return found;
}

static void dumps_links(void **state) {
  (void)state;
  struct fj_answer answer = {0};
  struct request request = ask(RTM_GETLINK, NLM_F_DUMP, 7, 0);
  int fd = fj_netlink_open(NULL);
  assert_true(fd >= 0);
  lab_run("for i in $(seq 60); do ip link add p$i type veth peer name q$i; done");  // more than one datagram
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), 0);
  int links = count(&answer, RTM_NEWLINK);
  assert_true(links >= 123);
  assert_int_equal(count(&answer, NLMSG_DONE), 1);
  lab_run("for i in $(seq 60); do ip link del p$i; done");
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), 0);
  assert_int_equal(count(&answer, RTM_NEWLINK), links - 120);
  free(answer.bytes);
  close(fd);
}

static void asks_for_one_link(void **state) {
  (void)state;
  struct fj_answer answer = {0};
  int fd = fj_netlink_open(NULL);
  struct request request = ask(RTM_GETLINK, 0, 1, lab_index("v0"));  // no acknowledgement
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), 0);
  assert_int_equal(count(&answer, RTM_NEWLINK), 1);
  request = ask(RTM_GETLINK, NLM_F_ACK, 2, lab_index("v0"));
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), 0);
  assert_int_equal(count(&answer, NLMSG_ERROR), 1);  // the acknowledgement
  request = ask(RTM_GETLINK, 0, 3, 9999);
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), -ENODEV);
  free(answer.bytes);
  close(fd);
}

static void sends_several_in_a_row(void **state) {
  (void)state;
  struct fj_answer answer = {0};
  int fd = fj_netlink_open(NULL);
  struct request requests[] = {ask(RTM_GETLINK, NLM_F_ACK, 1, lab_index("v0")),
                               ask(RTM_GETLINK, NLM_F_ACK, 2, 9999),
                               ask(RTM_GETLINK, NLM_F_ACK, 3, lab_index("v1"))};
  assert_int_equal(fj_netlink_exchange(fd, requests, sizeof requests, &answer), -ENODEV);
  assert_int_equal(count(&answer, RTM_NEWLINK), 2);
  assert_int_equal(count(&answer, NLMSG_ERROR), 3);
  free(answer.bytes);
  close(fd);
}

static void refuses_lying_lengths(void **state) {
  (void)state;
  struct fj_answer answer = {0};
  int fd = fj_netlink_open(NULL);
  struct request request = ask(RTM_GETLINK, 0, 1, 1);
  request.header.nlmsg_len = 4000;
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), -EINVAL);
  request.header.nlmsg_len = 3;
  assert_int_equal(fj_netlink_exchange(fd, &request, sizeof request, &answer), -EINVAL);
  assert_int_equal(fj_netlink_exchange(fd, &request, 2, &answer), -EINVAL);
  free(answer.bytes);
  close(fd);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      LAB_TEST(dumps_links),
      LAB_TEST(asks_for_one_link),
      LAB_TEST(sends_several_in_a_row),
      LAB_TEST(refuses_lying_lengths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
