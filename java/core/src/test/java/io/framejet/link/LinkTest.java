package io.framejet.link;

import static io.framejet.link.Commands.ip;
import static io.framejet.link.Commands.lab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.MacAddress;
import io.framejet.testing.Privileges;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LinkTest {
  @Test
  void shouldFindLoopbackWithoutPrivileges() throws Exception {
    final Link lo = Link.find("lo");
    assertThat(lo.index()).isEqualTo(1);
    assertThat(lo.isLoopback()).isTrue();
    assertThat(lo.mac()).isEqualTo(MacAddress.ZERO);
    assertThat(lo.kind()).isEmpty();
    assertThat(lo.hasEthernetHeader()).isTrue();
    assertThat(Link.all()).anyMatch(link -> link.isSame(lo));
    assertThat(lo.namespace().path()).isNull();
  }

  @Test
  void shouldSeeWhatIpSees() throws Exception {
    try (Lab lab = lab()) {
      lab.editNear().mtu("v0", 1400).mac("v0", MacAddress.parse("02:11:22:33:44:55")).addIfb("i0");
      final String json = ip(lab.nearNamespace(), "-j", "-d", "link");
      final Link v0 = Link.find("v0", lab.nearNamespace());
      assertThat(json)
          .contains("\"ifindex\":" + v0.index() + ",")
          .contains("\"address\":\"" + v0.mac() + "\"")
          .contains("\"mtu\":1400")
          .contains("\"info_kind\":\"veth\"");
      assertThat(v0.mac()).hasToString("02:11:22:33:44:55");
      assertThat(v0.mtu()).isEqualTo(1400);
      assertThat(v0.kind()).isEqualTo("veth");
      assertThat(v0.isUp()).isTrue();
      assertThat(v0.hasCarrier()).isTrue();
      assertThat(v0.isPromiscuous()).isFalse();
      assertThat(Link.all(lab.nearNamespace()))
          .extracting(Link::name)
          .containsExactly("lo", "v0", "i0");
      assertThat(Link.all(lab.nearNamespace()))
          .extracting(Link::kind)
          .containsExactly("", "veth", "ifb");
      assertThat(Link.find("i0", lab.nearNamespace()).isUp()).isFalse();
      assertThat(Link.byIndex(v0.index(), lab.nearNamespace()).name()).isEqualTo("v0");
    }
  }

  @Test
  void shouldNotTakeADownedPeerForACarrier() throws Exception {
    try (Lab lab = lab()) {
      lab.editFar().down("v1");
      Commands.await("carrier lost", () -> !lab.near().refresh().hasCarrier());
      assertThat(lab.near().refresh().isUp()).isTrue();
      lab.editFar().up("v1");
      Commands.await("carrier back", () -> lab.near().refresh().hasCarrier());
      lab.editNear().down("v0");
      assertThat(lab.near().refresh().isUp()).isFalse();
      assertThat(lab.near().refresh().hasCarrier()).isFalse();
    }
  }

  @Test
  void shouldNameTheLinksThatExistWhenOneIsNotFound() throws Exception {
    try (Lab lab = lab()) {
      for (String name : new String[] {"eth77", "", "a-name-of-sixteen", "a/b", "ä b"}) {
        assertThatExceptionOfType(FramejetException.class)
            .isThrownBy(() -> Link.find(name, lab.nearNamespace()))
            .matches(e -> e.code() == ErrorCode.LINK_NOT_FOUND)
            .withMessageContaining("'" + name + "'")
            .withMessageContaining("it has: lo, v0");
      }
      for (int index : new int[] {4711, 0, -1}) {
        assertThatExceptionOfType(FramejetException.class)
            .isThrownBy(() -> Link.byIndex(index, lab.nearNamespace()))
            .matches(e -> e.code() == ErrorCode.LINK_NOT_FOUND)
            .withMessageContaining("index " + index);
      }
    }
  }

  @Test
  void shouldFindALinkByItsAlternativeName() throws Exception {
    try (Lab lab = lab()) {
      ip(lab.nearNamespace(), "link", "property", "add", "dev", "v0", "altname", "other0");
      assertThat(Link.find("other0", lab.nearNamespace()).name()).isEqualTo("v0");
    }
  }

  @Test
  void shouldFollowALinkThroughARename() throws Exception {
    try (Lab lab = lab()) {
      lab.editNear().down("v0").rename("v0", "renamed0");
      assertThat(lab.near().refresh().name()).isEqualTo("renamed0");
    }
  }

  @Test
  void shouldNotTakeAnotherLinkOfTheSameNameForIt() throws Exception {
    try (Lab lab = lab()) {
      lab.editNear().addIfb("d0");
      final Link old = Link.find("d0", lab.nearNamespace());
      lab.editNear().delete("d0").addIfb("d0");
      assertGone(old::refresh);
      assertGone(old::counters);
      assertGone(old::addresses);
      assertThat(Link.find("d0", lab.nearNamespace()).isSame(old)).isFalse();
    }
  }

  @Test
  void shouldReadAddressesAsIpDoes() throws Exception {
    Privileges.require();
    try (Lab lab = Lab.builder().ipv6(true).open()) {
      lab.editNear()
          .addAddress("v0", "192.0.2.1/31")
          .addAddress("v0", "2001:db8::1/64")
          .addAddress("lo", "203.0.113.7/32");
      ip(
          lab.nearNamespace(),
          "addr",
          "add",
          "198.51.100.1",
          "peer",
          "198.51.100.9/24",
          "dev",
          "v0");
      ip(lab.nearNamespace(), "addr", "add", "100.64.0.1/10", "brd", "+", "dev", "v0");
      assertThat(lab.near().addresses())
          .extracting(LinkAddress::toString)
          .contains(
              "10.77.0.1/16",
              "192.0.2.1/31",
              "198.51.100.1 peer 198.51.100.9/24",
              "100.64.0.1/10",
              "2001:db8::1/64")
          .doesNotContain("203.0.113.7/32")
          .hasSize(6)
          .anyMatch(text -> text.startsWith("fe80::"));
      assertThat(lab.near().addresses())
          .filteredOn(address -> address.prefixLength() == 10)
          .singleElement()
          .extracting(LinkAddress::broadcast)
          .isEqualTo(Addresses.parse("100.127.255.255"));
      assertThat(ip(lab.nearNamespace(), "-6", "addr", "show", "v0", "tentative"))
          .doesNotContain("2001:db8::1");
    }
  }

  @Test
  void shouldCountFramesAsIpDoes() throws Exception {
    try (Lab lab = lab()) {
      final LinkCounters before = lab.far().counters();
      assertThat(before.rxPackets()).as("IPv6 is off, so nothing has been sent").isZero();
      for (int i = 0; i < 3; i++) {
        assertThat(Commands.answers(lab.nearNamespace(), "10.77.0.2")).isTrue();
      }
      final LinkCounters counted = lab.far().counters().minus(before);
      // An ARP request, and three datagrams of ten bytes in UDP, IPv4 and Ethernet.
      assertThat(counted.rxPackets()).isEqualTo(4);
      assertThat(counted.rxBytes()).isEqualTo(42 + 3 * (10 + 8 + 20 + 14));
      assertThat(ip(lab.farNamespace(), "-j", "-s", "link", "show", "v1"))
          .contains("\"rx\":{\"bytes\":" + counted.rxBytes() + ",\"packets\":4,");
    }
  }

  @Test
  void shouldReadAgainAndAgainThroughAMonitor() throws Exception {
    try (Lab lab = lab();
        LinkMonitor monitor = LinkMonitor.open(lab.near())) {
      final long descriptors = Commands.descriptors();
      for (int i = 0; i < 1000; i++) {
        assertThat(monitor.counters().rxErrors()).isZero();
      }
      assertThat(monitor.refresh().name()).isEqualTo("v0");
      assertThat(monitor.exists()).isTrue();
      assertThat(Commands.descriptors()).isLessThanOrEqualTo(descriptors);
      lab.editNear().delete("v0").addIfb("v0");
      assertThat(monitor.exists()).isFalse();
      assertGone(monitor::counters);
    }
  }

  @Test
  void shouldRefuseAMonitorAfterClose() throws Exception {
    try (Lab lab = lab()) {
      final long descriptors = Commands.descriptors();
      final LinkMonitor monitor = LinkMonitor.open(lab.near());
      monitor.close();
      monitor.close();
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(monitor::counters)
          .matches(e -> e.code() == ErrorCode.CLOSED);
      assertThat(Commands.descriptors()).isLessThanOrEqualTo(descriptors);
    }
  }

  @Test
  void shouldKeepAMonitorToItsAnswersUnderSeveralThreads() throws Exception {
    try (Lab lab = lab();
        LinkMonitor monitor = LinkMonitor.open(lab.near())) {
      final Thread[] threads = new Thread[4];
      final AtomicInteger right = new AtomicInteger();
      for (int i = 0; i < threads.length; i++) {
        threads[i] =
            new Thread(
                () -> {
                  try {
                    for (int j = 0; j < 250; j++) {
                      if (monitor.refresh().index() == lab.near().index()) {
                        right.incrementAndGet();
                      }
                      monitor.counters();
                    }
                  } catch (FramejetException e) {
                    right.set(Integer.MIN_VALUE);
                  }
                });
        threads[i].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(right).hasValue(1000);
    }
  }

  private interface Question {
    Object ask() throws FramejetException;
  }

  private static void assertGone(Question question) {
    assertThatExceptionOfType(FramejetException.class)
        .isThrownBy(question::ask)
        .matches(e -> e.code() == ErrorCode.LINK_GONE);
  }
}
