package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DemoTest {
  private static final String ALL_FOUND = "65,534 of 65,534 hosts found";

  private static Set<String> namespaces() throws Exception {
    Process lsns =
        new ProcessBuilder("lsns", "--noheadings", "--output", "NS,TYPE,COMMAND").start();
    return new String(lsns.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("io.framejet.cli.Main") && !line.contains("surefire"))
        .map(String::strip)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> files(String folder, String name) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.contains(name) && !file.startsWith("framejet-cli-test-"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static void assertNothingIsLeft(Set<String> links, Set<String> temporary)
      throws Exception {
    assertThat(namespaces()).isEmpty();
    assertThat(files("/sys/class/net", "")).isEqualTo(links);
    assertThat(files("/tmp", "framejet")).isEqualTo(temporary);
  }

  @Test
  void shouldSweepALabAndRemoveIt() throws Exception {
    Privileges.requireLab();
    Set<String> links = files("/sys/class/net", "");
    Set<String> temporary = files("/tmp", "framejet");
    Cli.Result result = new Cli().run("demo");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains(ALL_FOUND, "ARP requests", " is at ");
    assertNothingIsLeft(links, temporary);
  }

  @Test
  void shouldWorkForAnOrdinaryUser() throws Exception {
    Privileges.requireLab();
    Privileges.requireUserNamespaces();
    Cli.Result result = new Cli().as(Cli.NOBODY).jvm("-Xmx200m").run("demo");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("ethtool");
    assertThat(result.out()).contains(ALL_FOUND);
  }

  @Test
  void shouldSayWhatToDoWithoutUserNamespaces() throws Exception {
    Privileges.requireLab();
    Privileges.requireUserNamespaces();
    // The limit holds for the new user namespace and what is below it.
    List<String> without =
        List.of(
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "bash",
            "-c",
            "echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --inh-caps -all --bounding-set -all \"$@\"",
            "-");
    Cli.Result result = new Cli().as(without).run("demo");
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.err())
        .contains("sudo", "max_user_namespaces")
        .hasLineCount(1)
        .doesNotContain("\tat ");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void shouldRemoveTheLabWhenInterrupted() throws Exception {
    Privileges.requireLab();
    Set<String> links = files("/sys/class/net", "");
    Set<String> temporary = files("/tmp", "framejet");
    interrupt(new Cli());
    assertNothingIsLeft(links, temporary);
  }

  @Test
  void shouldEndTheInnerProcessToo() throws Exception {
    Privileges.requireLab();
    Privileges.requireUserNamespaces();
    interrupt(new Cli().as(Cli.NOBODY));
    assertThat(namespaces()).isEmpty();
  }

  private static void interrupt(Cli cli) throws Exception {
    List<String> said = new ArrayList<>();
    Process process = cli.start("demo", "--rate", "2k");
    var err = process.errorReader();
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      said.add(line);
      if (line.startsWith("Sweeping")) {
        break;
      }
    }
    Thread.sleep(300);
    Cli.signal(process, "INT");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(said + result.err()).isEqualTo(130);
    assertThat(result.out()).contains("ended early");
  }
}
