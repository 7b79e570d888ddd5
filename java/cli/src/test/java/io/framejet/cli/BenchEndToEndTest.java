package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.framejet.bench.FrameSizes;
import io.framejet.link.Lab;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkEditor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bench}, for moments only: what is counted and written, and no figure for its height. */
class BenchEndToEndTest {
  private static final String[] SHORT = {"--duration", "60ms", "--warm-up", "20ms"};

  private Lab lab;

  @TempDir Path folder;

  @BeforeEach
  void open() throws IOException {
    Privileges.requireLab();
    lab = Lab.open();
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private Cli.Result bench(String... arguments) throws Exception {
    return Cli.finish(start(arguments));
  }

  private Process start(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("bench", "-i", "v0"));
    if (!Arrays.asList(arguments).contains("--duration")) {
      all.addAll(List.of(SHORT));
    }
    all.addAll(List.of(arguments));
    return new Cli().in(lab.nearNamespace()).start(all.toArray(String[]::new));
  }

  private JsonNode json(String... arguments) throws Exception {
    Path file = folder.resolve("x.json");
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--json", file.toString()));
    Cli.Result result = bench(all.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return new ObjectMapper().readTree(file.toFile());
  }

  private static List<String> names(JsonNode list, String key) {
    List<String> found = new ArrayList<>();
    list.forEach(each -> found.add(each.get(key).asText()));
    return found;
  }

  @ParameterizedTest
  @ValueSource(strings = {"socket", "ring", "pcap"})
  void shouldCountWhatBothLinksCount(String backend) throws Exception {
    LinkCounters near = lab.near().counters();
    LinkCounters far = lab.far().counters();
    JsonNode run = json("--backend", backend, "--frame-size", "128", "--repeat", "2");
    JsonNode only = run.get("cases").get(0);
    long all = only.get("frames").asLong() + only.get("warm_up_frames").asLong();
    assertThat(only.get("frames").asLong()).isPositive();
    assertThat(lab.near().counters().minus(near).txPackets()).isEqualTo(all);
    assertThat(lab.far().counters().minus(far).rxPackets()).isEqualTo(all);
    assertThat(lab.far().counters().minus(far).rxBytes()).isEqualTo(all * 124);
    assertThat(only.get("delivered")).isEqualTo(only.get("frames"));
    assertThat(only.get("errors").asLong()).isZero();
    assertThat(only.get("disagreements")).isEmpty();
    assertThat(only.get("mpps_repetitions")).hasSize(2);
    double mpps = only.get("mpps").asDouble();
    assertThat(mpps)
        .isBetween(only.get("mpps_min").asDouble(), only.get("mpps_max").asDouble())
        .isPositive();
    assertThat(only.get("gbps_wire").asDouble())
        .isCloseTo(mpps * 1e6 * FrameSizes.wireBits(128) / 1e9, within(1e-5));
    // Of a single case the keys are at the top as well.
    only.fieldNames()
        .forEachRemaining(key -> assertThat(run.get(key)).as(key).isEqualTo(only.get(key)));
  }

  @Test
  void shouldSayWhatItMeasuredOn() throws Exception {
    JsonNode run =
        json(
            "--frame-size",
            "64",
            "--repeat",
            "1",
            "--to",
            "v1",
            "--test",
            "injection",
            "--netns2",
            lab.farNamespace().externalPath());
    JsonNode environment = run.get("environment");
    for (String key :
        List.of("kernel", "cpu", "cpus", "jvm", "framejet_version", "command_line", "qdisc")) {
      assertThat(environment.get(key).asText()).as(key).isNotEmpty();
    }
    assertThat(environment.get("driver").asText()).isEqualTo("veth");
    assertThat(environment.get("speed_mbps").asInt()).isEqualTo(10_000);
    assertThat(environment.get("offloads")).isNotEmpty();
    assertThat(environment.has("governor")).isTrue();
    assertThat(environment.get("to").get("link").asText()).isEqualTo("v1");
    assertThat(run.get("line_rate_percent").asDouble())
        .isCloseTo(run.get("gbps_wire").asDouble() * 10, within(0.01));
    assertThat(run.get("peer_frames").asLong()).isEqualTo(run.get("frames").asLong());
  }

  @Test
  void shouldMeasureEveryBackendThatThereIs() throws Exception {
    JsonNode run = json("--backend", "all", "--frame-size", "64", "--repeat", "1");
    assertThat(names(run.get("cases"), "backend")).contains("socket", "ring");
    assertThat(names(run.get("skipped"), "what")).contains("rawip");
  }

  @Test
  void shouldSweepSizesBatchesCoresAndTheQdisc() throws Exception {
    JsonNode run =
        json(
            "--backend",
            "ring",
            "--frame-size",
            "64,1518",
            "--batch",
            "1,64",
            "--cores",
            "1,2",
            "--qdisc-bypass",
            "both",
            "--repeat",
            "1",
            "--duration",
            "20ms",
            "--warm-up",
            "0ms");
    assertThat(run.get("cases")).hasSize(16);
    assertThat(run.get("cases"))
        .allSatisfy(
            each -> {
              assertThat(each.get("frames").asLong()).isPositive();
              assertThat(each.get("disagreements")).isEmpty();
            });
  }

  @Test
  void shouldMeasureTheSizesOfTheRfcAndTheMtu() throws Exception {
    LinkEditor.of(lab.nearNamespace()).mtu("v0", 1400);
    JsonNode run = json("--repeat", "1", "--duration", "10ms", "--warm-up", "0ms");
    assertThat(names(run.get("cases"), "frame_size"))
        .containsExactly("64", "128", "256", "512", "1024", "1280", "1418");
  }

  @Test
  void shouldLeaveOutWhatTheLinkDoesNotTake() throws Exception {
    JsonNode run = json("--frame-size", "64,9018", "--repeat", "1");
    assertThat(run.get("cases")).hasSize(1);
    assertThat(run.get("skipped").get(0).get("reason").asText()).contains("9018", "1514");
  }

  @Test
  void shouldCountAnIfb() throws Exception {
    lab.editNear().addIfb("sink").up("sink");
    Path file = folder.resolve("x.json");
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .run(
                "bench",
                "-i",
                "sink",
                "--frame-size",
                "64",
                "--repeat",
                "1",
                "--duration",
                "50ms",
                "--warm-up",
                "0ms",
                "--json",
                file.toString());
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode run = new ObjectMapper().readTree(file.toFile());
    assertThat(run.get("link_frames")).isEqualTo(run.get("frames"));
    assertThat(run.get("frames").asLong()).isPositive();
    assertThat(run.get("speed_mbps")).isNull();
    assertThat(run.get("line_rate_percent").isNull()).isTrue();
  }

  @Test
  void shouldSearchForTheThroughput() throws Exception {
    JsonNode run =
        json(
            "--to",
            "v1",
            "--netns2",
            lab.farNamespace().externalPath(),
            "--frame-size",
            "64",
            "--test",
            "throughput",
            "--repeat",
            "1");
    assertThat(run.get("test").asText()).isEqualTo("throughput");
    assertThat(run.get("points").size()).isGreaterThanOrEqualTo(2);
    for (JsonNode point : run.get("points")) {
      assertThat(point.get("lost").asLong())
          .isEqualTo(point.get("frames").asLong() - point.get("delivered").asLong());
    }
    // Where the machine is too busy for any rate there is none; else what was found is a point.
    double found = run.get("mpps").asDouble() * 1e6;
    if (found > 0) {
      assertThat(run.get("points"))
          .anySatisfy(
              point -> {
                assertThat(point.get("rate_pps").asDouble()).isCloseTo(found, within(2.0));
                assertThat(point.get("lost").asLong()).isZero();
              });
      assertThat(run.get("latency_us").get("count").asLong())
          .isEqualTo(run.get("receiver_frames").asLong() - run.get("receiver_overflowed").asLong());
    }
  }

  @Test
  void shouldMeasureHowARateIsKept() throws Exception {
    JsonNode run =
        json(
            "--to",
            "v1",
            "--netns2",
            lab.farNamespace().externalPath(),
            "--frame-size",
            "64",
            "--rate",
            "2k",
            "--repeat",
            "1",
            "--duration",
            "400ms");
    assertThat(run.get("test").asText()).isEqualTo("rate");
    assertThat(run.get("rate_asked_pps").asDouble()).isEqualTo(2000);
    assertThat(run.get("frames").asLong()).isBetween(200L, 850L);
    assertThat(run.get("delivered")).isEqualTo(run.get("frames"));
    JsonNode latency = run.get("latency_us");
    assertThat(latency.get("p50").asDouble())
        .isBetween(latency.get("min").asDouble(), latency.get("p99").asDouble());
    assertThat(latency.get("p99").asDouble()).isLessThanOrEqualTo(latency.get("p99_9").asDouble());
    JsonNode gaps = run.get("gaps_us");
    assertThat(gaps.get("asked").asDouble()).isEqualTo(500);
    long counted = 0;
    double edge = -1;
    for (JsonNode bin : gaps.get("histogram")) {
      counted += bin.get("count").asLong();
      assertThat(bin.get("from_us").asDouble()).isGreaterThanOrEqualTo(edge);
      edge = bin.get("to_us").asDouble();
    }
    assertThat(counted).isEqualTo(gaps.get("count").asLong());
    assertThat(counted).isEqualTo(run.get("frames").asLong() - 1);
  }

  @Test
  void shouldMeasureHowTheKernelKeepsARate() throws Exception {
    lab.close();
    lab = Lab.builder().gro(true).open();
    JsonNode run =
        json(
            "--to",
            "v1",
            "--netns2",
            lab.farNamespace().externalPath(),
            "--backend",
            "xdp",
            "--frame-size",
            "64",
            "--rate",
            "4k",
            "--cores",
            "2",
            "--repeat",
            "1",
            "--duration",
            "400ms");
    assertThat(run.get("backend").asText()).isEqualTo("xdp");
    assertThat(run.get("frames").asLong()).isBetween(20L, 1650L);
    assertThat(run.get("delivered")).isEqualTo(run.get("frames"));
    long byCore = 0;
    for (JsonNode frames : run.get("frames_by_core")) {
      byCore += frames.asLong();
    }
    assertThat(run.get("frames_by_core")).hasSize(2);
    assertThat(byCore).isEqualTo(run.get("frames").asLong());
    JsonNode gaps = run.get("gaps_us");
    assertThat(gaps.get("asked").asDouble()).isEqualTo(250);
    assertThat(gaps.get("count").asLong()).isEqualTo(run.get("frames").asLong() - 1);
  }

  @Test
  void shouldAnnounceAndShowEachCase() throws Exception {
    Cli.Result result = bench("--frame-size", "64", "--repeat", "1", "--backend", "ring");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("Injecting on v0 (veth, MTU 1500) by ring")
        .containsPattern("injection +ring +64 B +\\[=+\\] .*Mpps");
    assertThat(result.out()).contains("MPPS", "All counts agree");
    Cli.Result quiet =
        bench(
            "--frame-size", "64", "--repeat", "1", "-q", "--json", folder.resolve("q").toString());
    assertThat(quiet.err()).isEmpty();
    assertThat(quiet.out()).isEmpty();
  }

  @Test
  void shouldWriteWhatItHasWhenInterrupted() throws Exception {
    Path file = folder.resolve("x.json");
    Path page = folder.resolve("x.html");
    LinkCounters before = lab.far().counters();
    Process process =
        start(
            "--frame-size",
            "64",
            "--repeat",
            "2",
            "--duration",
            "30s",
            "--warm-up",
            "0ms",
            "--json",
            file.toString(),
            "--report",
            page.toString());
    while (process.isAlive() && lab.far().counters().minus(before).rxPackets() < 1000) {
      Thread.sleep(10);
    }
    Cli.signal(process, "INT");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isEqualTo(130);
    JsonNode run = new ObjectMapper().readTree(file.toFile());
    assertThat(run.get("interrupted").asBoolean()).isTrue();
    assertThat(run.get("complete").asBoolean()).isFalse();
    assertThat(run.get("frames").asLong())
        .isEqualTo(lab.far().counters().minus(before).rxPackets());
    assertThat(Files.readString(page)).contains("</html>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--frame-size 63 | --frame-size is 64 to",
        "--frame-size x | 'x'",
        "--batch 0 | --batch is 1 to",
        "--cores 65 | --cores is 1 to",
        "--backend nothing | 'nothing' is not a backend",
        "--repeat 0 | --repeat is",
        "--duration 0s | --duration is more than 0",
        "--rate max | --rate max is what",
        "--netns2 x | --to LINK2",
        "--test throughput | --to LINK2",
        "--test rate | --rate PPS",
        "--test speed | speed",
        "--qdisc-bypass maybe | no, yes or both",
        "--to v0 | --to is another link",
      })
  void shouldRefuseWrongArguments(String arguments, String message) throws Exception {
    LinkCounters before = lab.near().counters();
    Cli.Result result = bench(arguments.split(" "));
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(lab.near().counters().minus(before).txPackets()).isZero();
  }

  @Test
  void shouldNeedALink() throws Exception {
    Cli.Result result = new Cli().run("bench");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--link=LINK");
  }

  @Test
  void shouldSpareTheDefaultRoute() throws Exception {
    lab.editNear().addRoute("v0", "0.0.0.0/0", "10.77.0.2");
    LinkCounters before = lab.near().counters();
    Cli.Result refused = bench("--frame-size", "64", "--repeat", "1");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("default route", "v0", "--yes-this-link");
    assertThat(lab.near().counters().minus(before).txPackets()).isZero();
    Cli.Result meant = bench("--frame-size", "64", "--repeat", "1", "--yes-this-link");
    assertThat(meant.code()).as(meant.err()).isZero();
  }

  @Test
  void shouldSayWhichPrivilegeIsMissing() throws Exception {
    Cli.Result result = new Cli().in(lab.nearNamespace()).as(Cli.NOBODY).run("bench", "-i", "v0");
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.err()).contains("CAP_NET_RAW").doesNotContain("\tat ");
  }

  @Test
  void shouldFailOnFilesThatItCannotWrite() throws Exception {
    LinkCounters before = lab.near().counters();
    Cli.Result result = bench("--json", "/nowhere/x.json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("/nowhere/x.json").doesNotContain("\tat ");
    assertThat(lab.near().counters().minus(before).txPackets()).isZero();
    for (String option : List.of("--json", "--report")) {
      result = bench("--frame-size", "64", "--repeat", "1", option, "/dev/full");
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err())
          .contains("framejet: cannot write /dev/full: No space left on device")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void shouldCompareTwoRuns() throws Exception {
    Path one = folder.resolve("a.json");
    Path other = folder.resolve("b.json");
    for (Path each : List.of(one, other)) {
      String sizes = each == one ? "64,128" : "64,256";
      Cli.Result result =
          bench("--frame-size", sizes, "--repeat", "2", "--json", each.toString(), "-q");
      assertThat(result.code()).as(result.err()).isZero();
    }
    Cli.Result table = new Cli().run("bench", "compare", one.toString(), other.toString());
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out())
        .contains(
            "RATIO", "64 B", "only in A: injection ring 128 B", "only in B: injection ring 256 B");
    Cli.Result lines =
        new Cli().run("bench", "compare", "--format", "jsonl", one.toString(), other.toString());
    JsonNode row = new ObjectMapper().readTree(lines.out());
    double a = new ObjectMapper().readTree(one.toFile()).at("/cases/0/mpps").asDouble();
    double b = new ObjectMapper().readTree(other.toFile()).at("/cases/0/mpps").asDouble();
    assertThat(row.get("ratio").asDouble()).isCloseTo(b / a, within(0.001));
    Cli.Result wrong = new Cli().run("bench", "compare", one.toString(), "/etc/hostname");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("/etc/hostname").doesNotContain("\tat ");
  }
}
