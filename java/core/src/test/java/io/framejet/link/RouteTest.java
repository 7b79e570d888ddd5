package io.framejet.link;

import static io.framejet.link.Commands.ip;
import static io.framejet.link.Commands.lab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.testing.Privileges;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class RouteTest {
  @Test
  void shouldFindTheWayOnALinkAndByARouter() throws Exception {
    try (Lab lab = lab()) {
      final NetworkNamespace near = lab.nearNamespace();
      final Route onLink = Route.to(Addresses.parse("10.77.3.4"), near);
      assertThat(onLink.link().isSame(lab.near())).isTrue();
      assertThat(onLink.isOnLink()).isTrue();
      assertThat(onLink.isLocal()).isFalse();
      assertThat(onLink.source()).isEqualTo(Addresses.parse("10.77.0.1"));
      assertThat(onLink.destination()).isEqualTo("10.77.3.4");

      lab.editNear().addRoute("v0", "0.0.0.0/0", "10.77.0.2");
      final Route routed = Route.to(Addresses.parse("192.0.2.1"), near);
      assertThat(routed.gateway()).isEqualTo(Addresses.parse("10.77.0.2"));
      assertThat(routed.isOnLink()).isFalse();
      assertThat(routed.source()).isEqualTo(Addresses.parse("10.77.0.1"));
    }
  }

  @Test
  void shouldTellThatAnAddressIsItsOwn() throws Exception {
    try (Lab lab = lab()) {
      final Route own = Route.to(Addresses.parse("10.77.0.1"), lab.nearNamespace());
      assertThat(own.isLocal()).isTrue();
      assertThat(own.link().isLoopback()).isTrue();
      assertThat(lab.nearNamespace().<Route, FramejetException>call(() -> Route.to("127.0.0.1")))
          .matches(Route::isLocal);
    }
  }

  @Test
  void shouldSayThatThereIsNoRoute() throws Exception {
    try (Lab lab = lab()) {
      final NetworkNamespace near = lab.nearNamespace();
      ip(near, "route", "add", "unreachable", "203.0.113.0/24");
      ip(near, "route", "add", "prohibit", "198.51.100.0/24");
      ip(near, "route", "add", "blackhole", "100.64.0.0/10");
      ip(near, "route", "add", "throw", "100.128.0.0/10");
      for (String address :
          new String[] {
            "192.0.2.1", "203.0.113.1", "198.51.100.1", "100.64.0.1", "100.128.0.1", "2001:db8::1"
          }) {
        final InetAddress target = Addresses.parse(address);
        assertThatExceptionOfType(FramejetException.class)
            .as(address)
            .isThrownBy(() -> Route.to(target, near))
            .matches(e -> e.code() == ErrorCode.NO_ROUTE)
            .withMessageContaining(address);
      }
      assertThat(Route.all(near)).extracting(Route::destination).containsExactly("10.77.0.0/16");
    }
  }

  @Test
  void shouldKnowIpv6() throws Exception {
    Privileges.require();
    try (Lab lab = Lab.builder().ipv6(true).open()) {
      final NetworkNamespace near = lab.nearNamespace();
      lab.editNear()
          .addAddress("v0", "2001:db8::1/64")
          .addRoute("v0", "2001:db8:1::/48", "2001:db8::2");
      final Route routed = Route.to(Addresses.parse("2001:db8:1::5"), near);
      assertThat(routed.gateway()).isEqualTo(Addresses.parse("2001:db8::2"));
      assertThat(routed.source()).isEqualTo(Addresses.parse("2001:db8::1"));
      assertThat(Route.to(Addresses.parse("2001:db8::1"), near).isLocal()).isTrue();
      assertThat(Route.to(Addresses.parse("2001:db8::7"), near).isOnLink()).isTrue();
      ip(near, "-6", "route", "add", "unreachable", "2001:db8:dead::/48");
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> Route.to(Addresses.parse("2001:db8:dead::1"), near))
          .matches(e -> e.code() == ErrorCode.NO_ROUTE);
      assertThat(Route.all(near))
          .extracting(Route::destination)
          .contains("10.77.0.0/16", "2001:db8::/64", "2001:db8:1::/48", "fe80::/64")
          .doesNotContain("2001:db8:dead::/48", "2001:db8::1");
    }
  }

  @Test
  void shouldListTheMainTableAsIpDoes() throws Exception {
    try (Lab lab = lab()) {
      final NetworkNamespace near = lab.nearNamespace();
      ip(near, "route", "add", "default", "via", "10.77.0.2", "metric", "4294967295");
      ip(near, "route", "add", "192.0.2.7", "dev", "v0", "src", "10.77.0.1", "metric", "5");
      ip(
          near,
          "route",
          "add",
          "198.51.100.0/24",
          "nexthop",
          "via",
          "10.77.0.3",
          "nexthop",
          "via",
          "10.77.0.4");
      ip(near, "route", "add", "203.0.113.0/24", "dev", "v0", "table", "77");
      assertThat(Route.all(near))
          .extracting(Route::destination)
          .containsExactly(
              "default", "10.77.0.0/16", "192.0.2.7", "198.51.100.0/24", "198.51.100.0/24");
      assertThat(Route.all(near))
          .filteredOn(route -> route.destination().equals("198.51.100.0/24"))
          .extracting(Route::gateway)
          .containsExactly(Addresses.parse("10.77.0.3"), Addresses.parse("10.77.0.4"));
      final Route host = Route.all(near).get(2);
      assertThat(host.metric()).isEqualTo(5);
      assertThat(host.source()).isEqualTo(Addresses.parse("10.77.0.1"));
      assertThat(host.type().label()).isEqualTo("unicast");
      assertThat(Route.all(near).get(0).metric()).isEqualTo(4294967295L);
    }
  }

  @Test
  void shouldNotAskANameServer() {
    assertThatIllegalArgumentException().isThrownBy(() -> Route.to("localhost"));
  }
}
