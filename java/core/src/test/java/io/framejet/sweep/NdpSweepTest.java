package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Rate;
import io.framejet.link.Lab;
import io.framejet.link.LinkAddress;
import io.framejet.receive.Receiver;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.net.Inet6Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** NDP sweeps, and finding out whom to ask, answered by Linux's own stack. */
class NdpSweepTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  private @Nullable VethLab lab;

  @BeforeEach
  void open() throws FramejetException {
    VethLab opened =
        VethLab.open(Lab.builder().ipv6(true).addresses("2001:db8::1/64", "2001:db8::2/64"));
    lab = opened;
    prepare(opened);
    for (int i = 16; i < 48; i++) {
      opened.farEditor().addAddress(VethLab.FAR, "2001:db8::" + Integer.toHexString(i) + "/64");
    }
    Wait.until(
        () -> linkLocal(opened, true) != null && linkLocal(opened, false) != null,
        "the link-local addresses");
    // A tentative address neither asks nor answers (RFC 4862).
    Command tentative = Command.of("ip", "-6", "address", "show", "tentative");
    Wait.until(
        () ->
            tentative.in(opened.nearNamespace()).succeed().isEmpty()
                && tentative.in(opened.farNamespace()).succeed().isEmpty(),
        "the addresses to be their hosts' own");
  }

  /** The backend under test; null for the best that is available. */
  @Nullable Backend backend() {
    return null;
  }

  /** What the backend needs of the links, beside their being there. */
  void prepare(VethLab opened) throws FramejetException {}

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private VethLab lab() {
    return Objects.requireNonNull(lab);
  }

  private static @Nullable Ipv6Address linkLocal(VethLab lab, boolean near)
      throws FramejetException {
    for (LinkAddress address : (near ? lab.near() : lab.far()).addresses()) {
      if (address.address() instanceof Inet6Address inet && inet.isLinkLocalAddress()) {
        return Ipv6Address.fromInet(inet);
      }
    }
    return null;
  }

  private static Map<String, HostResult> hosts(SweepReport report) {
    Map<String, HostResult> hosts = new HashMap<>();
    report.forEachTarget(host -> hosts.put(host.addressText(), host));
    return hosts;
  }

  private static HostResult host(SweepReport report, String address) {
    return Objects.requireNonNull(hosts(report).get(address), address);
  }

  @Test
  void shouldTellWhoIsThere() throws FramejetException {
    SweepReport report =
        Sweep.ndp(lab().near())
            .backend(backend())
            .targets(Ipv6TargetSet.of("2001:db8::/122"))
            .rate(Rate.MAX)
            .retries(5)
            .waitTime(SHORT)
            .build()
            .run();
    assertThat(report.complete()).isTrue();
    assertThat(report.counts().hostsUp()).isEqualTo(1 + 1 + 32);
    assertThat(report.counts().hostsUp() + report.counts().hostsSilent()).isEqualTo(64);
    assertThat(host(report, "2001:db8::1").note()).isEqualTo("self");
    assertThat(host(report, "2001:db8::2").mac()).isEqualTo(VethLab.FAR_MAC);
    assertThat(host(report, "2001:db8::2f").state()).isEqualTo(HostState.UP);
    assertThat(host(report, "2001:db8::30").state()).isEqualTo(HostState.SILENT);
    List<String> order = new ArrayList<>();
    report.forEachHost(host -> order.add(host.addressText()));
    assertThat(order).startsWith("2001:db8::1", "2001:db8::2", "2001:db8::10");
  }

  @Test
  void shouldRefuseTargetsBeyondTheLinkAndOfTheOtherKind() throws FramejetException {
    assertThatThrownBy(
            () ->
                Sweep.ndp(lab().near())
                    .backend(backend())
                    .targets(Ipv6TargetSet.of("2001:db9::1"))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2001:db9::1")
        .hasMessageContaining("--off-link");
    assertThatThrownBy(() -> Sweep.ndp(lab().near()).backend(backend()).targets("10.0.0.1").build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> Sweep.icmp(lab().near()).targets(Ipv6TargetSet.of("2001:db8::2")).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldDiscoverWhoAnswersToAll() throws FramejetException {
    Discovery discovery = Discovery.on(lab().near()).waitTime(SHORT).retries(1);
    Ipv6TargetSet found = discovery.run();
    assertThat(discovery.requests()).isEqualTo(2);
    Ipv6Address far = Objects.requireNonNull(linkLocal(lab(), false));
    Ipv6Address own = Objects.requireNonNull(linkLocal(lab(), true));
    assertThat(found.size()).isEqualTo(2);
    assertThat(found.contains(far.high(), far.low())).isTrue();
    SweepReport report =
        Sweep.ndp(lab().near())
            .backend(backend())
            .targets(found)
            .retries(5)
            .waitTime(SHORT)
            .build()
            .run();
    assertThat(report.counts().hostsUp()).isEqualTo(2);
    assertThat(host(report, own.toString()).self()).isTrue();
    assertThat(host(report, far.toString()).mac()).isEqualTo(VethLab.FAR_MAC);
  }

  @Test
  void shouldGuessAddressesOfThoseWhoDoNotAnswerToAll() throws FramejetException {
    lab().farNamespace().sysctl("net/ipv6/icmp/echo_ignore_multicast", "1");
    Ipv6Address hidden = Ipv6Address.linkLocal(MacAddress.parse("02:00:00:00:77:07"));
    lab().farEditor().addAddress(VethLab.FAR, hidden + "/64");
    Ipv6TargetSet found =
        Discovery.on(lab().near())
            .waitTime(SHORT)
            .retries(0)
            .guess(
                List.of(
                    MacAddress.parse("02:00:00:00:77:07"), MacAddress.parse("02:00:00:00:77:08")))
            .run();
    assertThat(found.size()).isEqualTo(3); // with our own
    SweepReport report =
        Sweep.ndp(lab().near())
            .backend(backend())
            .targets(found)
            .retries(5)
            .waitTime(SHORT)
            .build()
            .run();
    assertThat(host(report, hidden.toString()).state()).isEqualTo(HostState.UP);
    assertThat(report.counts().hostsUp()).isEqualTo(2);
    assertThat(report.counts().hostsSilent()).isEqualTo(1);
  }

  /** Anybody can answer from any address; a sweep of those would be refused as a whole. */
  @Test
  void shouldNotDiscoverAddressesThatAreNotOnTheLink() throws FramejetException {
    Ipv6Address far = Objects.requireNonNull(linkLocal(lab(), false));
    for (String each :
        List.of(
            "addr add 2001:dead::2/64 nodad dev " + VethLab.FAR,
            "addr del " + far + "/64 dev " + VethLab.FAR,
            "addr del 2001:db8::2/64 dev " + VethLab.FAR,
            "route add fe80::/64 src 2001:dead::2 dev " + VethLab.FAR)) {
      Command.of(("ip -6 " + each).split(" ", -1)).in(lab().farNamespace()).succeed();
    }
    for (int i = 16; i < 48; i++) {
      Command.of(
              "ip",
              "addr",
              "del",
              "2001:db8::" + Integer.toHexString(i) + "/64",
              "dev",
              VethLab.FAR)
          .in(lab().farNamespace())
          .succeed();
    }
    List<String> heard = new ArrayList<>();
    try (Receiver receiver = Receiver.open(lab().near())) {
      Ipv6TargetSet found = Discovery.on(lab().near()).waitTime(SHORT).retries(1).run();
      receiver.poll(frame -> heard.add(Frame.of(frame.toByteArray()).toString()), 1000);
      assertThat(heard).anyMatch(line -> line.contains("2001:dead::2 >") && line.contains("repl"));
      assertThat(found.size()).isEqualTo(1); // our own alone
    }
  }
}
