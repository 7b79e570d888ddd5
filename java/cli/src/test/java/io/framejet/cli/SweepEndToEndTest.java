package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.link.Lab;
import io.framejet.link.LinkCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepEndToEndTest {
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

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static void assertAddsUp(JsonNode summary) {
    assertThat(summary.get("targets").asLong())
        .isEqualTo(
            summary.get("hosts_up").asLong()
                + summary.get("hosts_silent").asLong()
                + summary.get("possibly_lost").asLong());
    assertThat(summary.get("tx").get("accepted").asLong())
        .isEqualTo(summary.get("probes_sent").asLong());
  }

  private void waitForLines(Path file, int lines, Process process) throws Exception {
    while (process.isAlive() && (!Files.exists(file) || Files.readAllLines(file).size() < lines)) {
      Thread.sleep(20);
    }
    assertThat(process.isAlive()).as("still sweeping").isTrue();
  }

  @Test
  void shouldFindEveryHostOfASixteen() throws Exception {
    Path summary = folder.resolve("summary.json");
    LinkCounters before = lab.near().counters();
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .run(
                "sweep",
                "arp",
                NETWORK,
                "-i",
                "v0",
                "--rate",
                "max",
                "--format",
                "csv",
                "--summary",
                summary.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(65_535).startsWith("address,mac,rtt_us,try,note");
    String self = "10.77.0.1," + lab.near().mac() + ",,0,self";
    assertThat(result.lines()).doesNotHaveDuplicates().contains(self);
    assertThat(result.out()).contains("10.77.255.254," + lab.far().mac() + ",");
    assertThat(result.err())
        .contains("65,534 hosts up of 65,534 targets, 0 silent, 0 possibly lost");

    JsonNode made = json(summary);
    assertThat(made.fieldNames())
        .toIterable()
        .contains(
            "targets",
            "excluded",
            "probes_sent",
            "replies",
            "hosts_up",
            "hosts_silent",
            "possibly_lost",
            "duplicates",
            "conflicts",
            "rounds",
            "elapsed_ms",
            "send_ms",
            "rate_pps",
            "backend",
            "tx",
            "rx");
    assertThat(made.get("tx").fieldNames())
        .toIterable()
        .contains("accepted", "kernel_packets", "kernel_dropped");
    assertThat(made.get("rx").fieldNames()).toIterable().contains("delivered", "dropped");
    assertThat(made.get("hosts_up").asLong()).isEqualTo(65_534);
    assertThat(made.get("excluded").asLong()).isEqualTo(2);
    assertThat(made.get("complete").asBoolean()).isTrue();
    assertAddsUp(made);
    assertThat(lab.near().counters().minus(before).txPackets())
        .isEqualTo(made.get("probes_sent").asLong());
  }

  @Test
  void shouldStreamJsonLinesIntoAFileFromAnotherNamespace() throws Exception {
    Path rows = folder.resolve("rows.jsonl");
    Cli.Result result =
        new Cli()
            .run(
                "sweep",
                "arp",
                "10.77.1.0/28",
                "-i",
                "v0",
                "--netns",
                lab.nearNamespace().externalPath(),
                "--rate",
                "max",
                "--format",
                "jsonl",
                "-o",
                rows.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).isEmpty();
    List<String> lines = Files.readAllLines(rows);
    assertThat(lines).hasSize(16);
    for (String line : lines) {
      JsonNode row = new ObjectMapper().readTree(line);
      assertThat(row.get("address").asText()).startsWith("10.77.1.");
      assertThat(row.get("mac").asText()).isEqualTo(lab.far().mac().toString());
      assertThat(row.get("rtt_us").asLong()).isBetween(0L, 1_000_000L);
    }
  }

  @Test
  void shouldTellTheDefaultRate() throws Exception {
    Cli.Result result =
        new Cli().in(lab.nearNamespace()).run("sweep", "arp", "10.77.1.0/28", "-i", "v0");
    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("at 10,000 pps (the default; --rate 1M for more)");
    assertThat(result.lines().get(0))
        .isEqualTo("ADDRESS          MAC                       RTT  TRY  NOTE");
    assertThat(result.lines()).hasSize(17);
  }

  @Test
  void shouldSayNothingWhenQuiet() throws Exception {
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .run("sweep", "arp", "10.77.1.0/28", "-i", "v0", "--quiet");
    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.lines()).hasSize(17);
  }

  @Test
  void shouldListSilentTargetsToo() throws Exception {
    lab.close();
    lab = Lab.open();
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .run(
                "sweep",
                "arp",
                "10.77.0.0/29",
                "-i",
                "v0",
                "--retries",
                "1",
                "--wait",
                "50ms",
                "--all",
                "--format",
                "csv");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(1 + 7).contains("10.77.0.5,,,2,silent");
    assertThat(result.out()).contains("10.77.0.2," + lab.far().mac());
  }

  @Test
  void shouldRefuseTargetsBeyondTheLink() throws Exception {
    Cli.Result result =
        new Cli().in(lab.nearNamespace()).run("sweep", "arp", "10.78.0.0/24", "-i", "v0");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--off-link");
    assertThat(
            new Cli()
                .in(lab.nearNamespace())
                .run(
                    "sweep",
                    "arp",
                    "10.78.0.0/28",
                    "-i",
                    "v0",
                    "--off-link",
                    "--retries",
                    "0",
                    "--wait",
                    "10ms")
                .code())
        .isZero();
  }

  @Test
  void shouldReportBothSidesOfAConflict() throws Exception {
    MacAddress intruder = MacAddress.parse("02:00:00:00:00:66");
    int address = Ipv4.parse("10.77.0.5");
    Frame claim =
        Frame.ethernet(intruder, lab.near().mac())
            .arpReply(intruder, address, lab.near().mac(), Ipv4.parse("10.77.0.1"))
            .build();
    Path summary = folder.resolve("summary.json");
    Process process =
        new Cli()
            .in(lab.nearNamespace())
            .start(
                "sweep",
                "arp",
                "10.77.0.4-10.77.0.7",
                "-i",
                "v0",
                "--grace",
                "2s",
                "--format",
                "csv",
                "--summary",
                summary.toString());
    try (Injector injector = Injector.open(lab.far())) {
      for (int i = 0; i < 400 && process.isAlive(); i++) {
        injector.send(claim);
        Thread.sleep(10);
      }
    }
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(1 + 4 + 1);
    assertThat(result.out())
        .containsPattern("10.77.0.5," + lab.far().mac())
        .containsPattern("10.77.0.5," + intruder);
    assertThat(result.out()).contains(",conflict");
    assertThat(json(summary).get("conflicts").asLong()).isEqualTo(1);
  }

  @Test
  void shouldWritePartialResultsWhenInterrupted() throws Exception {
    for (String signal : List.of("INT", "TERM")) {
      Path summary = folder.resolve(signal + ".json");
      Path rows = folder.resolve(signal + ".csv");
      Process process =
          new Cli()
              .in(lab.nearNamespace())
              .start(
                  "sweep",
                  "arp",
                  NETWORK,
                  "-i",
                  "v0",
                  "--rate",
                  "2k",
                  "--format",
                  "csv",
                  "-o",
                  rows.toString(),
                  "--summary",
                  summary.toString());
      waitForLines(rows, 100, process);
      long before = System.nanoTime();
      Cli.signal(process, signal);
      Cli.Result result = Cli.finish(process);
      assertThat(System.nanoTime() - before).as("ends soon").isLessThan(5_000_000_000L);
      assertThat(result.code()).as(result.err()).isEqualTo(130);
      assertThat(result.err()).contains("ended early").doesNotContain("\tat ");
      JsonNode made = json(summary);
      assertAddsUp(made);
      assertThat(made.get("complete").asBoolean()).isFalse();
      assertThat(made.get("targets").asLong()).isEqualTo(65_534);
      assertThat(made.get("hosts_up").asLong()).isBetween(100L, 60_000L);
      assertThat(Files.readAllLines(rows)).hasSize(1 + made.get("hosts_up").asInt());
    }
  }

  @Test
  void shouldReportWhatItHasWhenTheLinkGoesAway() throws Exception {
    Path summary = folder.resolve("summary.json");
    Path rows = folder.resolve("rows.csv");
    Process process =
        new Cli()
            .in(lab.nearNamespace())
            .start(
                "sweep",
                "arp",
                NETWORK,
                "-i",
                "v0",
                "--rate",
                "2k",
                "--format",
                "csv",
                "-o",
                rows.toString(),
                "--summary",
                summary.toString());
    waitForLines(rows, 100, process);
    lab.editNear().delete("v0");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isEqualTo(1);
    assertThat(result.err()).contains("framejet: ", "v0").doesNotContain("\tat ");
    assertAddsUp(json(summary));
    assertThat(json(summary).get("hosts_up").asLong()).isGreaterThan(50);
  }

  @Test
  void shouldEndQuietlyWhenTheReaderLeaves() throws Exception {
    List<String> sweep =
        new Cli()
            .in(lab.nearNamespace())
            .command("sweep", "arp", NETWORK, "-i", "v0", "--rate", "20k", "--format", "csv");
    List<String> shell =
        new ArrayList<>(List.of("bash", "-c", "\"$@\" | head -n 3; echo ${PIPESTATUS[0]}", "-"));
    shell.addAll(sweep);
    long before = System.nanoTime();
    Cli.Result result = Cli.finish(new ProcessBuilder(shell).start());
    assertThat(result.lines()).hasSize(4).endsWith("0");
    assertThat(System.nanoTime() - before)
        .as("does not go on sweeping")
        .isLessThan(3_000_000_000L + 2_000_000_000L);
    assertThat(result.err().lines()).as(result.err()).allMatch(line -> line.startsWith("Sweeping"));
  }

  @Test
  void shouldFailBeforeSweepingWhenResultsCannotBeWritten() throws Exception {
    LinkCounters before = lab.near().counters();
    for (String option : List.of("-o", "--summary")) {
      Cli.Result result =
          new Cli()
              .in(lab.nearNamespace())
              .run("sweep", "arp", NETWORK, "-i", "v0", option, "/nowhere/file");
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err())
          .contains("framejet: /nowhere/file: no such file or folder")
          .doesNotContain("\tat ");
    }
    assertThat(lab.near().counters().minus(before).txPackets()).isZero();
    for (String option : List.of("-o", "--summary")) {
      Cli.Result full =
          new Cli()
              .in(lab.nearNamespace())
              .run("sweep", "arp", "10.77.3.0/28", "-i", "v0", option, "/dev/full");
      assertThat(full.code()).isEqualTo(1);
      assertThat(full.err())
          .contains("framejet: cannot write /dev/full: No space left on device")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void shouldPrintThePlanOfAnEightInASmallHeapAndSendNothing() throws Exception {
    LinkCounters before = lab.near().counters();
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .jvm("-Xmx64m")
            .run("sweep", "arp", "10.0.0.0/8", "-i", "v0", "--off-link", "--dry-run");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "16,777,214",
            "at 10,000 pps (the default; --rate 1M for more)",
            "27 min 58 s",
            "Nothing was sent");
    assertThat(lab.near().counters().minus(before).txPackets()).isZero();
  }

  @Test
  void shouldPartitionByShard() throws Exception {
    List<String> all = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      Cli.Result result =
          new Cli()
              .in(lab.nearNamespace())
              .run(
                  "sweep",
                  "arp",
                  "10.77.3.0/24",
                  "-i",
                  "v0",
                  "--rate",
                  "max",
                  "--format",
                  "csv",
                  "--seed",
                  "7",
                  "--shard",
                  i + "/4");
      assertThat(result.code()).as(result.err()).isZero();
      result.lines().stream()
          .skip(1)
          .map(line -> line.substring(0, line.indexOf(',')))
          .forEach(all::add);
    }
    assertThat(all).hasSize(256).doesNotHaveDuplicates();
  }

  @Test
  void shouldSayWhatToGrantToAUserWithoutPrivileges() throws Exception {
    Cli.Result result =
        new Cli().in(lab.nearNamespace()).as(Cli.NOBODY).run("sweep", "arp", NETWORK, "-i", "v0");
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.err().lines().filter(line -> line.startsWith("framejet: "))).hasSize(1);
    assertThat(result.err()).contains("CAP_NET_RAW", "setpriv").doesNotContain("\tat ");
  }

  @Test
  void shouldSweepWithNothingButNetRaw() throws Exception {
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .as(Cli.NOBODY_WITH_NET_RAW)
            .run("sweep", "arp", "10.77.4.0/24", "-i", "v0", "--rate", "max", "--format", "csv");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lines()).hasSize(257);
  }
}
