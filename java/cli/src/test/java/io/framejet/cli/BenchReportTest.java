package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.framejet.link.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code bench --report} in a browser: headless Chromium, which sees no network. */
class BenchReportTest {
  private static final Pattern CASES =
      Pattern.compile("<section id=\"cases\">.*?<tbody>(.*?)</tbody>", Pattern.DOTALL);
  private static final Pattern RUN =
      Pattern.compile(
          "<script type=\"application/json\" id=\"run\">(.*?)</script>", Pattern.DOTALL);

  @TempDir Path folder;

  @BeforeEach
  void require() throws Exception {
    Privileges.requireLab();
    if (!Files.isExecutable(Path.of("/usr/bin/chromium"))) {
      if (Boolean.parseBoolean(System.getenv("CI"))) {
        fail("CI=true and no chromium: run ci/setup test");
      }
      abort("no chromium: run ci/setup test");
    }
  }

  private Cli.Result browse(Path page, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--net", // nothing can be fetched from anywhere
                "/usr/bin/chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--enable-logging=stderr",
                "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(List.of(options));
    command.add(page.toUri().toString());
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("HOME", folder.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    return Cli.finish(process);
  }

  @Test
  void shouldShowTheFiguresOfTheJson() throws Exception {
    Path page = folder.resolve("report.html");
    Path file = folder.resolve("run.json");
    try (Lab lab = Lab.open()) {
      Cli.Result result =
          new Cli()
              .in(lab.nearNamespace())
              .run(
                  "bench",
                  "-i",
                  "v0",
                  "--to",
                  "v1",
                  "--netns2",
                  lab.farNamespace().externalPath(),
                  "--test",
                  "injection,throughput,rate",
                  "--rate",
                  "2k",
                  "--frame-size",
                  "64,1518",
                  "--backend",
                  "ring,socket",
                  "--duration",
                  "40ms",
                  "--warm-up",
                  "10ms",
                  "--repeat",
                  "2",
                  "-q",
                  "--json",
                  file.toString(),
                  "--report",
                  page.toString());
      assertThat(result.code()).as(result.err()).isZero();
    }
    Cli.Result shown = browse(page, "--dump-dom");
    assertThat(shown.code()).as(shown.err()).isZero();
    // What the browser complains of.
    assertThat(shown.err()).doesNotContain("CONSOLE", "ERR_", "Refused");
    JsonNode run = new ObjectMapper().readTree(file.toFile());
    assertThat(rows(shown.out())).isEqualTo(expected(run));
    Matcher carried = RUN.matcher(shown.out());
    assertThat(carried.find()).isTrue();
    assertThat(new ObjectMapper().readTree(carried.group(1))).isEqualTo(run);
    assertThat(shown.out())
        .contains("Frames per second", "Loss over rate", "Latency", "Gaps between frames");
  }

  /** Case, Mpps, least, most, Gbit/s, on the wire of the table of all cases. */
  private static List<List<String>> rows(String dom) {
    Matcher table = CASES.matcher(dom);
    assertThat(table.find()).isTrue();
    List<List<String>> rows = new ArrayList<>();
    for (String row : table.group(1).split("</tr>", -1)) {
      List<String> cells = new ArrayList<>();
      Matcher cell = Pattern.compile("<td>(.*?)</td>").matcher(row);
      while (cell.find()) {
        cells.add(cell.group(1));
      }
      if (!cells.isEmpty()) {
        rows.add(cells);
      }
    }
    return rows;
  }

  private static List<List<String>> expected(JsonNode run) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode one : run.get("cases")) {
      List<String> cells = new ArrayList<>();
      for (String name : List.of("mpps", "mpps_min", "mpps_max", "gbps", "gbps_wire")) {
        cells.add("%.6f".formatted(one.get(name).asDouble()));
      }
      cells.add("%.3f".formatted(one.get("line_rate_percent").asDouble()));
      for (String name : List.of("frames", "link_frames", "delivered", "lost", "errors")) {
        cells.add("%,d".formatted(one.get(name).asLong()));
      }
      for (String name : List.of("user", "system", "softirq")) {
        JsonNode nanos = one.get("cpu_" + name + "_ns_per_frame");
        cells.add(nanos.isNull() ? "" : "%.2f".formatted(nanos.asDouble()));
      }
      for (String name : List.of("p50", "p99", "p99_9")) {
        JsonNode micros = one.path("latency_us").path(name);
        cells.add(micros.isMissingNode() ? "" : "%.3f".formatted(micros.asDouble()));
      }
      rows.add(cells);
    }
    return rows;
  }

  @Test
  void shouldFitAPhone() throws Exception {
    Path page = folder.resolve("report.html");
    try (Lab lab = Lab.open()) {
      Cli.Result result =
          new Cli()
              .in(lab.nearNamespace())
              .run(
                  "bench",
                  "-i",
                  "v0",
                  "--frame-size",
                  "64,512",
                  "--duration",
                  "20ms",
                  "--warm-up",
                  "0ms",
                  "--repeat",
                  "2",
                  "-q",
                  "--report",
                  page.toString());
      assertThat(result.code()).as(result.err()).isZero();
    }
    // Measured by a script that only the test puts into the page.
    String script =
        "<script>const e=document.documentElement;"
            + "document.title=(e.scrollWidth-e.clientWidth)+' of '+innerWidth</script></body>";
    Files.writeString(page, Files.readString(page).replace("</body>", script));
    // Headless Chromium has no window narrower than 500 pixels: a frame in a page is.
    Path frame = folder.resolve("frame.html");
    Files.writeString(
        frame,
        "<iframe width=360 height=800 src=report.html onload=\"document.title="
            + "'overflow '+this.contentDocument.title\"></iframe>");
    Cli.Result shown =
        browse(frame, "--allow-file-access-from-files", "--virtual-time-budget=5000", "--dump-dom");
    assertThat(shown.out()).contains("<title>overflow 0 of 360</title>");
  }
}
