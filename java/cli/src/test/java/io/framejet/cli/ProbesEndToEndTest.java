package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.framejet.link.Lab;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code sweep icmp}, {@code tcp}, {@code udp} and {@code ndp}; {@code resolve}, {@code neighbors}.
 */
class ProbesEndToEndTest {
  private static final String NETWORK = "10.77.0.0/16";

  @TempDir Path folder;
  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    Privileges.requireLab();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    lab = Lab.builder().answering(NETWORK).open();
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private Cli.Result run(String arguments, String... more) throws Exception {
    List<String> words = new ArrayList<>(Arrays.asList(arguments.split(" ", -1)));
    words.addAll(List.of(more));
    return new Cli().in(lab.nearNamespace()).run(words.toArray(String[]::new));
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static void assertAddsUp(JsonNode summary) {
    assertThat(summary.get("targets").asLong())
        .isEqualTo(
            summary.get("hosts_up").asLong()
                + summary.get("hosts_silent").asLong()
                + summary.get("possibly_lost").asLong());
    JsonNode resolution = summary.get("resolution");
    assertThat(summary.get("tx").get("accepted").asLong())
        .isEqualTo(
            summary.get("probes_sent").asLong()
                + resolution.get("requests_sent").asLong()
                + resolution.get("answers_sent").asLong());
  }

  @Test
  void shouldFindEveryHostOfASixteenByEcho() throws Exception {
    Path summary = folder.resolve("summary.json");
    Cli.Result result =
        run(
            "sweep icmp 10.77.0.0/16 -i v0 --rate max --retries 5 --format csv --summary",
            summary.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(65_535).startsWith("address,mac,rtt_us,ttl,try,note");
    assertThat(result.lines())
        .doesNotHaveDuplicates()
        .contains("10.77.0.1," + lab.near().mac() + ",,,0,self");
    assertThat(result.out())
        .containsPattern("10.77.255.254," + lab.far().mac() + ",[0-9]+,64,[1-6],\n");
    assertThat(result.err())
        .contains("65,534 hosts up of 65,534 targets", "65,533 hosts with a MAC");
    JsonNode made = json(summary);
    assertAddsUp(made);
    assertThat(made.get("hosts_up").asLong()).isEqualTo(65_534);
    assertThat(made.get("refused").asLong()).isZero();
    assertThat(made.get("resolution").get("hosts_resolved").asLong()).isEqualTo(65_533);
  }

  @Test
  void shouldLeaveRoutesAndMacsToTheKernel() throws Exception {
    Path summary = folder.resolve("summary.json");
    String sweep = "sweep icmp 10.77.2.0/26 -i v0 --retries 5 --backend rawip ";
    Cli.Result result = run(sweep + "--format csv --summary", summary.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(65);
    assertThat(result.out()).containsPattern("10.77.2.63," + lab.far().mac() + ",[0-9]+,64,[1-6],");
    assertThat(result.err()).doesNotContain("with a MAC");
    JsonNode made = json(summary);
    assertAddsUp(made);
    assertThat(made.get("resolution").get("requests_sent").asLong()).isZero();
    Cli.Result plan = run(sweep + "--dry-run");
    assertThat(plan.out()).containsPattern("MACs +found out by the kernel");
    Cli.Result arp = run("sweep arp 10.77.2.0/26 -i v0 --backend rawip");
    assertThat(arp.code()).isEqualTo(1);
    assertThat(arp.err()).contains("rawip sends IP packets alone").doesNotContain("\tat ");
  }

  @Test
  void shouldTellOpenPortsFromClosedOnes() throws Exception {
    Path summary = folder.resolve("summary.json");
    ServerSocket open =
        lab.farNamespace()
            .<ServerSocket, IOException>call(
                () -> {
                  ServerSocket socket = new ServerSocket();
                  socket.bind(new InetSocketAddress("0.0.0.0", 7001), 4096);
                  return socket;
                });
    try (open) {
      Cli.Result result =
          run(
              "sweep tcp 10.77.2.0/28 -i v0 --rate max --ports 7001-7002 --format csv --summary",
              summary.toString());
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.lines())
          .hasSize(33)
          .startsWith("address,port,state,mac,rtt_us,ttl,try,note");
      assertThat(result.lines().stream().filter(line -> line.contains(",7001,open,"))).hasSize(16);
      assertThat(result.lines().stream().filter(line -> line.contains(",7002,closed,")))
          .hasSize(16);
      assertThat(result.err()).contains("32 ports answered of 32 targets, 16 open, 16 closed");
      JsonNode made = json(summary);
      assertAddsUp(made);
      assertThat(made.get("open").asLong()).isEqualTo(16);
      assertThat(made.get("closed").asLong()).isEqualTo(16);
    }
  }

  @Test
  void shouldListFilteredPortsWhenAskedForAll() throws Exception {
    lab.farNamespace().sysctl("net/ipv4/icmp_ratelimit", "600000"); // no ICMP errors worth naming
    lab.farNamespace().sysctl("net/ipv4/icmp_msgs_per_sec", "0");
    Cli.Result result =
        run(
            "sweep udp 10.77.0.2 -i v0 --ports 7001-7009 --retries 0 --wait 100ms --all"
                + " --format csv");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(10);
    assertThat(result.lines().stream().filter(line -> line.contains(",filtered,"))).isNotEmpty();
    assertThat(result.lines())
        .allMatch(
            line ->
                line.contains(",filtered,")
                    || line.contains(",closed,")
                    || line.startsWith("address"));
  }

  @Test
  void shouldKeepAllFramesInAFileThatTsharkReads() throws Exception {
    Path file = folder.resolve("sweep.pcapng");
    Cli.Result result =
        run("sweep icmp 10.77.3.0/28 -i v0 --rate max --quiet --pcap", file.toString());
    assertThat(result.code()).as(result.err()).isZero();
    Process tshark =
        new ProcessBuilder(
                "tshark",
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-e",
                "icmp.type",
                "-e",
                "arp.opcode")
            .start();
    List<String> lines =
        new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .toList();
    assertThat(tshark.waitFor()).isZero();
    assertThat(lines).filteredOn(line -> line.equals("8")).hasSize(16);
    assertThat(lines).filteredOn(line -> line.equals("0")).hasSize(16);
    assertThat(lines).filteredOn(line -> line.equals("1") || line.equals("2")).hasSize(32);
  }

  @Test
  void shouldAskFromAnAddressThatNobodyHas() throws Exception {
    lab.editFar().addLocalTableRoute("v1", "10.77.0.99/32");
    Cli.Result result = run("sweep icmp 10.77.3.0/28 -i v0 --rate max --source 10.77.0.99");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(17);
    assertThat(result.err()).contains("from 10.77.0.99 (for which it answers)");
    Cli.Result taken = run("sweep icmp 10.77.3.0/28 -i v0 --source 10.77.0.98");
    assertThat(taken.code()).isEqualTo(1);
    assertThat(taken.err()).contains("10.77.0.98 is in use by " + lab.far().mac());
  }

  @Test
  void shouldPrintThePlan() throws Exception {
    Cli.Result result =
        run(
            "sweep tcp 10.77.0.0/24 -i v0 --ports 22,80 --host-rate 10 --source 10.77.0.99 --dry-run");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "2 of each of 255 hosts", "at most 10 pps for each host", "10.77.0.99", "Nothing");
  }

  @Test
  void shouldWriteWhatItHasWhenInterrupted() throws Exception {
    Path rows = folder.resolve("rows.csv");
    Path summary = folder.resolve("summary.json");
    Process process =
        new Cli()
            .in(lab.nearNamespace())
            .start(
                "sweep",
                "icmp",
                "10.77.0.0/18",
                "-i",
                "v0",
                "--rate",
                "10k",
                "--format",
                "csv",
                "-o",
                rows.toString(),
                "--summary",
                summary.toString());
    while (process.isAlive() && (!Files.exists(rows) || Files.readAllLines(rows).size() < 200)) {
      Thread.sleep(20);
    }
    Cli.signal(process, "INT");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isEqualTo(130);
    JsonNode made = json(summary);
    assertAddsUp(made);
    assertThat(made.get("complete").asBoolean()).isFalse();
    assertThat(made.get("hosts_up").asLong()).isGreaterThanOrEqualTo(199);
    assertThat(Files.readAllLines(rows)).hasSize(1 + made.get("hosts_up").asInt());
  }

  @Test
  void shouldDiscoverIpv6Neighbors() throws Exception {
    lab.close();
    lab = Lab.builder().ipv6(true).open();
    Cli.Result result = Cli.finish(new Cli().in(lab.nearNamespace()).start("neighbors"));
    assertThat(result.code()).as(result.err()).isZero();
    for (int i = 0; i < 50; i++) { // until the addresses are no longer tentative
      result =
          run("sweep ndp --discover --eui64 -i v0 --wait 200ms --format csv --rate max --quiet");
      if (result.lines().size() >= 3) {
        break;
      }
      Thread.sleep(100);
    }
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).startsWith("address,mac,rtt_us,try,note");
    assertThat(result.out()).containsPattern("fe80::[0-9a-f:]+," + lab.far().mac() + ",");
    assertThat(result.out()).contains(",self");
  }

  @Test
  void shouldResolve() throws Exception {
    Cli.Result result =
        run("resolve 10.77.0.9 10.77.0.1 -i v0 --wait 200ms --retries 0 --format csv");
    assertThat(result.code()).isEqualTo(1); // nobody else has our own
    assertThat(result.lines().get(0)).isEqualTo("address,mac,rtt_us,try,note");
    assertThat(result.out())
        .containsPattern("10.77.0.9," + lab.far().mac() + ",[0-9]+,1,\n")
        .contains("10.77.0.1,,,1,silent");
    assertThat(run("resolve 10.77.0.9 -i v0").code()).isZero();
  }

  @Test
  void shouldListAndWatchNeighbors() throws Exception {
    ip("neigh", "add", "10.77.0.7", "lladdr", "02:00:00:00:00:07", "dev", "v0");
    Cli.Result list = run("neighbors -i v0 --format csv");
    assertThat(list.code()).as(list.err()).isZero();
    assertThat(list.lines())
        .containsExactly(
            "address,mac,state,link,note", "10.77.0.7,02:00:00:00:00:07,permanent,v0,");
    Process watch =
        new Cli()
            .in(lab.nearNamespace())
            .start("neighbors", "-i", "v0", "--watch", "--format", "csv");
    StringBuilder seen = new StringBuilder();
    Thread reader =
        new Thread(
            () -> {
              try {
                for (int c = watch.getInputStream().read();
                    c >= 0;
                    c = watch.getInputStream().read()) {
                  synchronized (seen) {
                    seen.append((char) c);
                  }
                }
              } catch (IOException e) {
                // The end.
              }
            });
    reader.start();
    await(seen, "added,10.77.0.7,02:00:00:00:00:07,permanent,v0,\n");
    ip("neigh", "del", "10.77.0.7", "dev", "v0");
    await(seen, "removed,10.77.0.7,02:00:00:00:00:07,permanent,v0,\n");
    Cli.signal(watch, "INT");
    assertThat(watch.waitFor()).isEqualTo(130);
    reader.join();
  }

  private static void await(StringBuilder seen, String text) throws InterruptedException {
    for (int i = 0; i < 1000; i++) {
      synchronized (seen) {
        if (seen.indexOf(text) >= 0) {
          return;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("waited in vain for " + text + " in " + seen);
  }

  private void ip(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=" + lab.nearNamespace().externalPath(), "ip"));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
