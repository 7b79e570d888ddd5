package io.framejet.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.testing.ChildJvm;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program outside of this tree needs the core and its declared dependencies, and nothing else.
 */
class ExternalProgramTest {
  private static final String SOURCE =
      """
      import io.framejet.frame.Ipv4;
      import io.framejet.inject.Rate;
      import io.framejet.link.Link;
      import io.framejet.sweep.Sweep;
      import io.framejet.sweep.SweepReport;

      public class Outside {
        public static void main(String[] arguments) throws Exception {
          Sweep sweep = Sweep.arp(Link.find(arguments[0])).targets(arguments[1]).rate(Rate.MAX).build();
          SweepReport report = sweep.run();
          report.forEachHost(host -> System.out.println(Ipv4.format(host.address()) + " " + host.mac()));
          System.out.println(report.counts().hostsUp() + " of " + report.counts().targets());
        }
      }
      """;

  @Test
  void shouldSweepWithTheCoreAlone(@TempDir Path folder) throws Exception {
    Path source = Files.writeString(folder.resolve("Outside.java"), SOURCE);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    List<Path> entries = Library.entries();
    assertThat(entries).hasSize(4);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int compiled =
        compiler.run(
            null,
            null,
            null,
            "-d",
            folder.toString(),
            "-cp",
            Library.classPath(entries),
            source.toString());
    assertThat(compiled).isZero();

    try (VethLab lab = VethLab.answering()) {
      Command.Result result =
          ChildJvm.running(
                  folder + ":" + Library.classPath(entries),
                  "Outside",
                  List.of("-Djava.io.tmpdir=" + temp),
                  VethLab.NEAR,
                  "10.77.0.0/29")
              .environment("LC_ALL", "C")
              .in(lab.nearNamespace())
              .run();
      assertThat(result.exitCode()).as(result.toString()).isZero();
      assertThat(result.output().lines())
          .hasSize(8)
          .startsWith("10.77.0.1 " + VethLab.NEAR_MAC, "10.77.0.2 " + VethLab.FAR_MAC)
          .endsWith("7 of 7");
    }
    assertThat(Library.list(temp)).isEmpty();
  }
}
