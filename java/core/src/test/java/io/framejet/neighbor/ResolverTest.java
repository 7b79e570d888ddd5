package io.framejet.neighbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.link.Lab;
import io.framejet.link.Link;
import io.framejet.link.LinkNeighbor;
import io.framejet.testing.Command;
import io.framejet.testing.FarSide;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who has an address, asked of the link and of the kernel. */
class ResolverTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(5);

  private @Nullable VethLab opened;

  @AfterEach
  void closeLab() {
    if (opened != null) {
      opened.close();
    }
  }

  private VethLab use(VethLab lab) {
    opened = lab;
    return lab;
  }

  private static InetAddress ipv4(String text) {
    return Ipv4.toInet(Ipv4.parse(text));
  }

  @Test
  void shouldResolveByArpAndLeaveTheKernelsTableAlone() throws FramejetException {
    VethLab lab = use(VethLab.open());
    try (Resolver resolver = Resolver.open(lab.near())) {
      Resolver.Resolved found = resolver.resolve(ipv4("10.77.0.2"), LONG, 2);
      assertThat(found.mac()).isEqualTo(VethLab.FAR_MAC);
      assertThat(found.tries()).isEqualTo(1);
      assertThat(found.rttNanos()).isPositive();
      assertThatThrownBy(() -> resolver.resolve(ipv4("10.77.0.3"), SHORT, 1))
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
      assertThat(resolver.requests()).isEqualTo(3);
    }
    assertThat(Neighbors.of(lab.near()).list()).isEmpty();
  }

  @Test
  void shouldAskAgainWhoDidNotAnswer() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    try (FarSide far =
            FarSide.on(
                lab.far(),
                (request, side) -> {
                  if (request.time() == 2) {
                    side.send(request.reply());
                  }
                });
        Resolver resolver = Resolver.open(lab.near())) {
      Resolver.Resolved found = resolver.resolve(ipv4("10.77.1.1"), SHORT, 3);
      assertThat(found.tries()).isEqualTo(2);
      assertThat(found.mac()).isEqualTo(FarSide.macOf(Ipv4.parse("10.77.1.1")));
      assertThat(far.requests()).isEqualTo(2);
    }
  }

  @Test
  void shouldResolveByNdp() throws FramejetException {
    VethLab lab =
        use(VethLab.open(Lab.builder().ipv6(true).addresses("2001:db8::1/64", "2001:db8::2/64")));
    try (Resolver resolver = Resolver.open(lab.near())) {
      Resolver.Resolved found =
          resolver.resolve(Ipv6Address.parse("2001:db8::2").toInet(), Duration.ofSeconds(1), 5);
      assertThat(found.mac()).isEqualTo(VethLab.FAR_MAC);
    }
  }

  @Test
  void shouldFindWhoUsesAnAddress() throws Exception {
    VethLab lab = use(VethLab.open());
    try (Resolver resolver = Resolver.open(lab.near())) {
      assertThat(resolver.userOf(Ipv4.parse("10.77.0.2"), LONG, 0)).isEqualTo(VethLab.FAR_MAC);
      assertThat(resolver.userOf(Ipv4.parse("10.77.0.9"), SHORT, 0)).isNull();
      // Another host that is about to take it asks likewise (RFC 5227, section 2.1.1).
      MacAddress other = MacAddress.parse("02:00:00:00:00:55");
      AtomicBoolean ended = new AtomicBoolean();
      Threads.Task<Boolean> rival = Threads.start("rival", () -> probe(lab.far(), other, ended));
      assertThat(resolver.userOf(Ipv4.parse("10.77.0.9"), LONG, 0)).isEqualTo(other);
      ended.set(true);
      assertThat(rival.get()).isTrue();
    }
  }

  private static boolean probe(Link link, MacAddress mac, AtomicBoolean ended)
      throws FramejetException {
    Frame probe =
        Frame.ethernet(mac, MacAddress.BROADCAST)
            .arpRequest(mac, 0, Ipv4.parse("10.77.0.9"))
            .build();
    try (Injector injector = Injector.open(link)) {
      while (!ended.get()) {
        injector.send(probe);
        Wait.sleep(10);
      }
    }
    return true;
  }

  @Test
  void shouldListWhatTheKernelKnowsAndWhatChanges() throws FramejetException {
    VethLab lab = use(VethLab.open());
    Neighbors neighbors = Neighbors.of(lab.near());
    assertThat(neighbors.changes()).isEmpty();
    ip(lab, "neigh", "add", "10.77.0.7", "lladdr", "02:00:00:00:00:07", "dev", "v0");
    List<Neighbors.Change> added = neighbors.changes();
    assertThat(added).hasSize(1);
    assertThat(added.get(0).kind()).isEqualTo(Neighbors.Kind.ADDED);
    LinkNeighbor neighbor = added.get(0).neighbor();
    assertThat(neighbor.address()).isEqualTo(ipv4("10.77.0.7"));
    assertThat(neighbor.mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:07"));
    assertThat(neighbor.state()).isEqualTo(LinkNeighbor.State.PERMANENT);
    assertThat(neighbor.link().name()).isEqualTo("v0");
    assertThat(neighbors.changes()).isEmpty();
    ip(lab, "neigh", "change", "10.77.0.7", "lladdr", "02:00:00:00:00:08", "dev", "v0");
    assertThat(neighbors.changes())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.kind()).isEqualTo(Neighbors.Kind.CHANGED);
              assertThat(change.neighbor().mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:08"));
            });
    lab.nearEditor().addVeth("d0", "d1", lab.farNamespace()).up("d0");
    ip(lab, "neigh", "add", "10.77.0.7", "lladdr", "02:00:00:00:00:07", "dev", "d0");
    assertThat(neighbors.changes()).isEmpty(); // another link's
    ip(lab, "neigh", "del", "10.77.0.7", "dev", "v0");
    assertThat(neighbors.changes())
        .singleElement()
        .satisfies(change -> assertThat(change.kind()).isEqualTo(Neighbors.Kind.REMOVED));
    assertThat(Neighbors.of(lab.nearNamespace()).list())
        .singleElement()
        .satisfies(each -> assertThat(each.link().name()).isEqualTo("d0"));
    lab.nearEditor().delete("v0");
    assertThatThrownBy(neighbors::list)
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LINK_GONE));
  }

  private static void ip(VethLab lab, String... arguments) throws FramejetException {
    Command.of("ip").with(arguments).in(lab.nearNamespace()).succeed();
  }

  @Test
  void shouldAskNothingOnceClosed() throws FramejetException {
    VethLab lab = use(VethLab.open());
    Resolver resolver = Resolver.open(lab.near());
    resolver.close();
    assertThatThrownBy(() -> resolver.resolve(ipv4("10.77.0.2"), LONG, 2))
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    assertThat(resolver.requests()).isZero();
  }
}
