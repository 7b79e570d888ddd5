package io.framejet.link;

import static io.framejet.link.Commands.ip;
import static io.framejet.link.Commands.lab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.MacAddress;
import io.framejet.testing.Privileges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LabTest {
  @Test
  void shouldJoinTwoHosts() throws Exception {
    try (Lab lab = lab()) {
      assertThat(lab.near().name()).isEqualTo("v0");
      assertThat(lab.far().name()).isEqualTo("v1");
      assertThat(lab.near().hasCarrier()).isTrue();
      assertThat(lab.far().hasCarrier()).isTrue();
      assertThat(ip(lab.nearNamespace(), "-o", "addr"))
          .contains("inet 10.77.0.1/16 scope global v0")
          .contains("inet 127.0.0.1/8 scope host lo")
          .doesNotContain("inet6");
      assertThat(ip(lab.farNamespace(), "-o", "addr"))
          .contains("inet 10.77.0.2/16 scope global v1")
          .doesNotContain("inet6");
      assertThat(ip(lab.farNamespace(), "route", "show", "table", "local"))
          .doesNotContain("local 10.77.0.0/16");
    }
  }

  @Test
  void shouldHaveLinuxAnswerForAWholePrefix() throws Exception {
    Privileges.require();
    try (Lab lab = Lab.builder().answering("10.77.0.0/16").open()) {
      assertThat(ip(lab.farNamespace(), "route", "show", "table", "local"))
          .contains("local 10.77.0.0/16 dev lo scope host")
          .contains("10.77.0.1 dev v1 scope link");
      for (String address : List.of("10.77.0.3", "10.77.128.1", "10.77.255.254")) {
        assertThat(Commands.answers(lab.nearNamespace(), address)).as(address).isTrue();
      }
    }
  }

  /** An entry made by hand does not need room in the neighbor table that all namespaces share. */
  @Test
  void shouldKnowWhoAsksForGood() throws Exception {
    Privileges.require();
    try (Lab lab = Lab.builder().answering("10.77.0.0/16").open()) {
      assertThat(LinkNeighbor.of(lab.far()))
          .extracting(LinkNeighbor::toString)
          .containsExactly("10.77.0.1 " + lab.near().mac() + " permanent");
      final MacAddress other = MacAddress.parse("02:00:00:00:00:0a");
      lab.editFar().setNeighbor("v1", "10.77.0.1", other).setNeighbor("v1", "10.77.0.9", other);
      assertThat(LinkNeighbor.of(lab.far()))
          .extracting(LinkNeighbor::toString)
          .containsExactlyInAnyOrder(
              "10.77.0.1 02:00:00:00:00:0a permanent", "10.77.0.9 02:00:00:00:00:0a permanent");
    }
  }

  @Test
  void shouldTakeOtherNamesAddressesAndSizes() throws Exception {
    Privileges.require();
    try (Lab lab =
        Lab.builder()
            .names("left", "right")
            .addresses("192.0.2.1/24", "192.0.2.2/24")
            .answering("198.51.100.0/24")
            .mtu(9000)
            .ipv6(true)
            .open()) {
      assertThat(lab.near().name()).isEqualTo("left");
      assertThat(lab.far().mtu()).isEqualTo(9000);
      assertThat(lab.near().mtu()).isEqualTo(9000);
      assertThat(ip(lab.farNamespace(), "route", "show", "table", "local"))
          .contains("local 198.51.100.0/24 dev lo")
          .doesNotContain("192.0.2.1 dev right scope link");
      assertThat(ip(lab.nearNamespace(), "-o", "addr")).contains("inet6 fe80::");
    }
  }

  @Test
  void shouldSendNothingOfItsOwnAccord() throws Exception {
    try (Lab lab = lab()) {
      Thread.sleep(300);
      final LinkCounters counters = lab.near().counters();
      assertThat(counters.rxPackets()).isZero();
      assertThat(counters.txPackets()).isZero();
    }
  }

  @Test
  void shouldKeepIpv6SilentWhereTheKernelsParametersAreReadOnly() throws Exception {
    Privileges.require();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      LinkEditor.of(namespace)
          .addVeth("a", "b")
          .withoutLinkLocal("a")
          .withoutLinkLocal("b")
          .up("a")
          .up("b");
      final Link a = Link.find("a", namespace);
      Commands.await("carrier", () -> a.refresh().hasCarrier());
      Thread.sleep(300);
      assertThat(ip(namespace, "-d", "link", "show", "a")).contains("addrgenmode none");
      assertThat(a.addresses()).isEmpty();
      assertThat(a.counters().txPackets()).isZero();
    }
  }

  @Test
  void shouldLeaveNothingBehindAfterClose() throws Exception {
    lab().close();
    final List<Long> namespaces = new ArrayList<>();
    final long descriptors = Commands.descriptors();
    for (int i = 0; i < 20; i++) {
      final Lab lab = Lab.builder().names("fjnear0", "fjfar0").open();
      namespaces.add(lab.nearNamespace().inode());
      namespaces.add(lab.farNamespace().inode());
      lab.close();
      lab.close();
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> lab.near().refresh())
          .matches(e -> e.code() == ErrorCode.CLOSED);
    }
    Commands.assertNothingLeft(List.of("fjnear0", "fjfar0"), namespaces);
    assertThat(Commands.descriptors()).isLessThanOrEqualTo(descriptors);
  }

  @Test
  void shouldRemoveTheLinksAtOnceThoughASocketHoldsTheNamespace() throws Exception {
    final Lab lab = lab();
    try (LinkMonitor monitor = LinkMonitor.open(lab.far())) {
      lab.close();
      assertThat(monitor.exists()).isFalse();
    }
  }

  @Test
  void shouldCloseQuietlyWhenTheUserHasTakenItApart() throws Exception {
    final Lab renamed = lab();
    renamed.editNear().down("v0").rename("v0", "other");
    try (LinkMonitor monitor = LinkMonitor.open(renamed.far())) {
      renamed.close();
      assertThat(monitor.exists()).isFalse();
    }
    final Lab deleted = lab();
    deleted.editFar().delete("v1");
    deleted.close();
    final Lab closed = lab();
    closed.nearNamespace().close();
    closed.close();
  }

  @Test
  void shouldTakeDownWhatIsHalfBuilt() throws Exception {
    lab().close();
    final long descriptors = Commands.descriptors();
    assertThatExceptionOfType(FramejetException.class)
        .isThrownBy(() -> Lab.builder().mtu(1).open())
        .matches(e -> e.code() == ErrorCode.SYSTEM_ERROR)
        .withMessageContaining("set MTU 1 of link v0");
    assertThatExceptionOfType(FramejetException.class)
        .isThrownBy(() -> Lab.builder().names("lo", "v1").open());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lab.builder().names("no name", "v1").open());
    assertThat(Commands.descriptors()).isLessThanOrEqualTo(descriptors);
    assertThatIllegalArgumentException().isThrownBy(() -> Lab.builder().answering("10.77.0.0"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lab.builder().addresses("10.77.0.1/16", "ten"));
  }

  @Test
  void shouldLeaveNothingBehindAfterKill() throws Exception {
    Privileges.require();
    final String inodes;
    try (NetworkNamespace witness = NetworkNamespace.anonymous();
        Commands.Child child = Commands.start(Victim.class, witness.externalPath())) {
      inodes = child.firstLine();
      assertThat(Link.all(witness)).extracting(Link::name).containsExactly("lo", "w1", "w3");
      child.kill();
      // A veth pair ends with the namespace of either end: both namespaces of the lab have ended.
      Commands.await("the namespaces ended", () -> Link.all(witness).size() == 1);
    }
    Commands.assertNothingLeft(
        List.of("fjnear1", "fjfar1", "w0", "w2"),
        Stream.of(inodes.split(" ")).map(Long::valueOf).toList());
  }

  /** Opens a lab, ties each side of it to a namespace of its parent, and waits to be killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws Exception {
      final Lab lab = Lab.builder().names("fjnear1", "fjfar1").answering("10.77.0.0/16").open();
      final NetworkNamespace witness = NetworkNamespace.at(Path.of(arguments[0]));
      lab.editNear().addVeth("w0", "w1", witness);
      lab.editFar().addVeth("w2", "w3", witness);
      System.out.println(lab.nearNamespace().inode() + " " + lab.farNamespace().inode());
      Thread.sleep(60_000);
      lab.close();
    }
  }

  @Test
  void shouldEditLinks() throws Exception {
    try (Lab lab = lab()) {
      final NetworkNamespace near = lab.nearNamespace();
      lab.editNear()
          .addVeth("a", "b")
          .addIfb("i0")
          .mac("a", MacAddress.parse("02:00:00:00:00:0a"))
          .mtu("a", 1300)
          .up("a")
          .up("b")
          .addAddress("a", "192.0.2.1/24")
          .addRoute("a", "198.51.100.0/24", "192.0.2.2")
          .addRoute("b", "203.0.113.7/25")
          .rename("i0", "i1")
          .down("b");
      assertThat(ip(near, "link", "show", "a")).contains("mtu 1300").contains("02:00:00:00:00:0a");
      assertThat(ip(near, "-d", "link", "show", "i1")).contains("ifb");
      assertThat(ip(near, "route")).contains("198.51.100.0/24 via 192.0.2.2 dev a");
      lab.editNear().up("b").addRoute("b", "203.0.113.7/25");
      assertThat(ip(near, "route")).contains("203.0.113.0/25 dev b");
      lab.editNear().delete("a").delete("i1");
      assertThat(Link.all(near)).extracting(Link::name).containsExactly("lo", "v0");
    }
  }

  @Test
  void shouldMakeADummyWhereTheKernelHasThem() throws Exception {
    try (Lab lab = lab()) {
      try {
        lab.editNear().addDummy("d0");
        assertThat(ip(lab.nearNamespace(), "-d", "link", "show", "d0")).contains("dummy");
      } catch (FramejetException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
        assertThat(e).hasMessageContaining("(module dummy)");
      }
    }
  }

  @Test
  void shouldSayWhyAnEditFailed() throws Exception {
    try (Lab lab = lab()) {
      final LinkEditor editor = lab.editNear();
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> editor.up("none"))
          .matches(e -> e.code() == ErrorCode.LINK_NOT_FOUND)
          .withMessageContaining("it has: lo, v0");
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> editor.addIfb("v0"))
          .withMessageContaining("File exists");
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> editor.mtu("v0", 70_000))
          .withMessageContaining("mtu greater than device maximum");
      assertThatIllegalArgumentException().isThrownBy(() -> editor.addIfb("a name"));
      assertThatIllegalArgumentException().isThrownBy(() -> editor.addAddress("v0", "10.0.0.1"));
    }
  }

  @Test
  void shouldNameTheMissingCapability() throws Exception {
    Privileges.require();
    // Without setpriv there is nobody to ask.
    org.junit.jupiter.api.Assumptions.assumeTrue(
        java.nio.file.Files.isExecutable(Path.of("/usr/bin/setpriv")));
    try (Commands.Child child =
        Commands.startAs(
            List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"), Unprivileged.class)) {
      assertThat(child.firstLine())
          .isEqualTo("PERMISSION_DENIED CAP_SYS_ADMIN, PERMISSION_DENIED CAP_NET_RAW, lo");
    }
  }

  /** Tries what takes capabilities, and what does not. */
  static final class Unprivileged {
    private Unprivileged() {}

    public static void main(String[] arguments) throws Exception {
      final Link lo = Link.find("lo");
      System.out.println(
          attempt(Lab::open)
              + ", "
              + attempt(() -> Promiscuous.enable(lo, Promiscuous.Mode.FLAG))
              + ", "
              + lo.refresh().name());
    }

    private static String attempt(java.util.concurrent.Callable<?> action) throws Exception {
      try {
        return String.valueOf(action.call());
      } catch (FramejetException e) {
        return e.code()
            + " "
            + String.valueOf(e.getMessage()).replaceFirst(".*(CAP_[A-Z_]+) is missing.*", "$1");
      }
    }
  }
}
