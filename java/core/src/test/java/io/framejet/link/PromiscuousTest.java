package io.framejet.link;

import static io.framejet.link.Commands.ip;
import static io.framejet.link.Commands.lab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.link.Promiscuous.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PromiscuousTest {
  @Test
  void shouldEndAMembershipAtClose() throws Exception {
    try (Lab lab = lab()) {
      final Promiscuous promiscuous = Promiscuous.enable(lab.near(), Mode.MEMBERSHIP);
      assertThat(promiscuous.mode()).isEqualTo(Mode.MEMBERSHIP);
      assertThat(lab.near().refresh().isPromiscuous()).isTrue();
      assertThat(hasFlag(lab)).isFalse();
      promiscuous.close();
      promiscuous.close();
      assertThat(lab.near().refresh().isPromiscuous()).isFalse();
    }
  }

  @Test
  void shouldClearTheFlagAtClose() throws Exception {
    try (Lab lab = lab()) {
      final long descriptors = Commands.descriptors();
      try (Promiscuous promiscuous = Promiscuous.enable(lab.near(), Mode.FLAG)) {
        assertThat(promiscuous.mode()).isEqualTo(Mode.FLAG);
        assertThat(hasFlag(lab)).isTrue();
      }
      assertThat(hasFlag(lab)).isFalse();
      assertThat(lab.near().refresh().isPromiscuous()).isFalse();
      assertThat(Commands.descriptors()).isLessThanOrEqualTo(descriptors);
    }
  }

  @Test
  void shouldLetTheLastHolderClearTheFlag() throws Exception {
    try (Lab lab = lab()) {
      final Promiscuous first = Promiscuous.enable(lab.near(), Mode.FLAG);
      final Link again =
          Link.find("v0", NetworkNamespace.at(Path.of(lab.nearNamespace().externalPath())));
      final Promiscuous second = Promiscuous.enable(again, Mode.FLAG);
      first.close();
      first.close();
      assertThat(hasFlag(lab)).isTrue();
      second.close();
      assertThat(hasFlag(lab)).isFalse();
      assertThat(lab.near().refresh().isPromiscuous()).isFalse();
    }
  }

  @Test
  void shouldKeepALinkOfTheSameIndexElsewhereOutOfIt() throws Exception {
    try (Lab one = lab();
        Lab two = lab()) {
      assertThat(one.near().index()).isEqualTo(two.near().index());
      final Promiscuous first = Promiscuous.enable(one.near(), Mode.FLAG);
      try (Promiscuous second = Promiscuous.enable(two.near(), Mode.FLAG)) {
        assertThat(second.mode()).isEqualTo(Mode.FLAG);
        first.close();
        assertThat(hasFlag(one)).isFalse();
        assertThat(hasFlag(two)).isTrue();
      }
    }
  }

  @Test
  void shouldLeaveAFlagThatWasSetBefore() throws Exception {
    try (Lab lab = lab()) {
      ip(lab.nearNamespace(), "link", "set", "v0", "promisc", "on");
      Promiscuous.enable(lab.near(), Mode.FLAG).close();
      assertThat(hasFlag(lab)).isTrue();
    }
  }

  @Test
  void shouldStayPromiscuousWhenSomebodyClearsTheFlag() throws Exception {
    try (Lab lab = lab()) {
      try (Promiscuous promiscuous = Promiscuous.enable(lab.near(), Mode.FLAG)) {
        ip(lab.nearNamespace(), "link", "set", "v0", "promisc", "off");
        assertThat(promiscuous.mode()).isEqualTo(Mode.FLAG);
        assertThat(hasFlag(lab)).isFalse();
        assertThat(lab.near().refresh().isPromiscuous()).isTrue();
      }
      assertThat(lab.near().refresh().isPromiscuous()).isFalse();
    }
  }

  @Test
  void shouldMindNeitherALinkThatIsGoneNorOneRenamed() throws Exception {
    try (Lab lab = lab()) {
      lab.editNear().addIfb("d0").addIfb("d1");
      final Link gone = Link.find("d0", lab.nearNamespace());
      final Promiscuous flag = Promiscuous.enable(gone, Mode.FLAG);
      final Promiscuous membership = Promiscuous.enable(gone, Mode.MEMBERSHIP);
      final Promiscuous renamed =
          Promiscuous.enable(Link.find("d1", lab.nearNamespace()), Mode.FLAG);
      lab.editNear().delete("d0").rename("d1", "d2");
      flag.close();
      membership.close();
      renamed.close();
      assertThat(ip(lab.nearNamespace(), "link", "show", "d2")).doesNotContain("PROMISC");
      for (Mode mode : Mode.values()) {
        assertThatExceptionOfType(FramejetException.class)
            .isThrownBy(() -> Promiscuous.enable(gone, mode))
            .matches(e -> e.code() == ErrorCode.LINK_GONE);
      }
    }
  }

  @Test
  void shouldRestoreTheFlagFromAnotherNamespaceAndAfterTheObjectWasClosed() throws Exception {
    try (Lab lab = lab();
        NetworkNamespace third = NetworkNamespace.at(Path.of(lab.nearNamespace().externalPath()))) {
      final Promiscuous promiscuous = Promiscuous.enable(Link.find("v0", third), Mode.FLAG);
      lab.farNamespace()
          .call(
              () -> {
                promiscuous.close();
                return "";
              });
      assertThat(hasFlag(lab)).isFalse();
    }
  }

  @Test
  void shouldRestoreTheFlagWhenTheJvmShutsDown() throws Exception {
    try (Lab lab = lab();
        Commands.Child child =
            Commands.start(Holder.class, lab.nearNamespace().externalPath(), "FLAG")) {
      assertThat(child.firstLine()).isEqualTo("held");
      assertThat(hasFlag(lab)).isTrue();
      child.finish();
      assertThat(hasFlag(lab)).isFalse();
      assertThat(lab.near().refresh().isPromiscuous()).isFalse();
    }
  }

  @Test
  void shouldLeaveNothingButTheFlagAfterKill() throws Exception {
    try (Lab lab = lab()) {
      final String path = lab.nearNamespace().externalPath();
      try (Commands.Child child = Commands.start(Holder.class, path, "MEMBERSHIP")) {
        assertThat(lab.near().refresh().isPromiscuous()).isTrue();
        child.kill();
        Commands.await("no longer promiscuous", () -> !lab.near().refresh().isPromiscuous());
      }
      try (Commands.Child child = Commands.start(Holder.class, path, "FLAG")) {
        child.kill();
        assertThat(hasFlag(lab)).as("as its documentation says").isTrue();
      }
    }
  }

  /** Holds the mode, and ends, without closing it, when a line comes in. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      final Link link = Link.find("v0", NetworkNamespace.at(Path.of(arguments[0])));
      final Promiscuous promiscuous = Promiscuous.enable(link, Mode.valueOf(arguments[1]));
      System.out.println("held");
      if (System.in.read() >= 0) {
        System.out.println(promiscuous.mode()); // and so it is reachable until here
        System.exit(0);
      }
    }
  }

  private static boolean hasFlag(Lab lab) throws Exception {
    return ip(lab.nearNamespace(), "link", "show", "v0").contains("PROMISC");
  }
}
