package io.framejet.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.link.Link;
import io.framejet.testing.ChildJvm;
import io.framejet.testing.Command;
import io.framejet.testing.Running;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing outlives its owner, {@code kill -9} included. */
class KillTest {
  @Test
  void shouldLeaveNothingBehindWhenKilledInTheMiddleOfASweep(@TempDir Path temp) throws Exception {
    try (VethLab lab = VethLab.answering();
        Running child =
            ChildJvm.running(KilledProgram.class, List.of("-Djava.io.tmpdir=" + temp), VethLab.NEAR)
                .in(lab.nearNamespace())
                .start()) {
      child.awaitText("host\nhost\nhost");
      assertThat(show(lab)).contains("promiscuity 2").contains("k0");
      // The library's file is gone already: a mapping is all that is left of it.
      assertThat(Library.list(temp)).isEmpty();

      child.signal("KILL");
      assertThat(child.await(Duration.ofSeconds(20)).exitCode()).isEqualTo(128 + 9);
      Wait.until(() -> show(lab).contains("promiscuity 0"), "promiscuous mode to end");
      // The peer of k0 was in a namespace that nothing but the program held.
      Wait.until(
          () -> Link.all(lab.nearNamespace()).stream().noneMatch(link -> link.name().equals("k0")),
          "the anonymous namespace to end");
      assertThat(Library.list(temp)).isEmpty();
    }
  }

  private static String show(VethLab lab) throws Exception {
    String near =
        Command.of("ip", "-d", "link", "show", VethLab.NEAR).in(lab.nearNamespace()).succeed();
    return near + Command.of("ip", "link").in(lab.nearNamespace()).succeed();
  }
}
