package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.inject.Rate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ArgumentsTest {
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  private int run(String arguments) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(out, true));
    return line.execute(arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }

  private static SweepOptions parse(String arguments) {
    CommandLine.ParseResult parsed =
        Main.commandLine().parseArgs(("sweep arp " + arguments).split(" "));
    return ((SweepCommand.Arp) parsed.subcommand().subcommand().commandSpec().userObject()).options;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "swep arp 10.0.0.0/24 -i v0 | Did you mean: framejet sweep",
        "sweep | Missing required subcommand",
        "sweep arp 10.0.0.0/24 | Missing required option: '--link=LINK'",
        "sweep arp -i v0 | whom to ask?",
        "sweep arp 10.0.0.0/33 -i v0 | 10.0.0.0/33",
        "sweep arp 10.0.0.9-10.0.0.1 -i v0 | 10.0.0.9-10.0.0.1",
        "sweep arp host.example -i v0 | host.example",
        "sweep arp 10.0.0.0/24 -i v0 --rate fast | 'fast' is not a rate",
        "sweep arp 10.0.0.0/24 -i v0 --rate 0 | a rate is more than 0",
        "sweep arp 10.0.0.0/24 -i v0 --wait soon | 'soon' is not a time",
        "sweep arp 10.0.0.0/24 -i v0 --backend dpdk | use auto, socket, ring, pcap, rawip",
        "sweep arp 10.0.0.0/24 -i v0 --shard 5/4 | 5/4",
        "sweep arp 10.0.0.0/24 -i v0 --format xml | xml",
        "sweep arp 10.0.0.0/24 -i v0 --retries many | 'many' is not an int",
        "sweep arp 10.0.0.0/24 -i v0 --exclude-file /nowhere/x | /nowhere/x",
        "sweep arp 10.0.0.0/24 -i v0 --exclude 10.0.0.0/24x | 10.0.0.0/24x",
        "sweep ar 10.0.0.0/24 -i v0 | Did you mean: sweep arp",
        "sweep tcp 10.0.0.0/24 -i v0 | Missing required option: '--ports=PORTS'",
        "sweep tcp 10.0.0.0/24 -i v0 --ports 0 | 0",
        "sweep udp 10.0.0.0/24 -i v0 --ports 80-22 | 80-22",
        "sweep udp 10.0.0.0/24 -i v0 --ports http | http",
        "sweep icmp 10.0.0.0/24 -i v0 --ports 22 | Unknown option",
        "sweep icmp 10.0.0.0/24 -i v0 --source fe80::1 | fe80::1",
        "sweep tcp 10.0.0.0/24 -i lo --ports 1 --host-rate max | is no limit",
        "sweep ndp -i lo | whom to ask?",
        "sweep ndp 10.0.0.0/24 -i lo | 10.0.0.0/24",
        "sweep ndp --eui64 -i lo | --eui64 goes with --discover",
        "sweep ndp --discover fe80::1 -i lo | either TARGETS or --discover",
        "sweep ndp --discover --dry-run -i lo | sends nothing",
        "resolve -i v0 | ADDRESS",
        "resolve host.example -i v0 | host.example",
        "neighbors --wrong | --wrong",
        "send -i v0 | HEX",
        "send -i v0 0102030 | not whole bytes",
        "send -i v0 --arp 10.0.0.300 | 10.0.0.300",
        "send -i v0 --arp 10.0.0.3 --count 0 | --count is at least 1",
        "send -i v0 --to 02:00:00:00:00:01 ffffffffffff0200000000010806 | go with --arp",
        "emulate -i v0 | TARGETS",
        "emulate 10.0.0.0/24 | Missing required option: '--link=LINK'",
        "emulate 10.0.0.0/33 -i v0 | 10.0.0.0/33",
        "emulate 10.0.0.0/24 -i v0 --up 1.1 | is not a share",
        "emulate 10.0.0.0/24 -i v0 --up 101% | is not a share",
        "emulate 10.0.0.0/24 -i v0 --up some | is not a share",
        "emulate 10.0.0.0/24 -i v0 --key 12 | 32 hex digits",
        "emulate 10.0.0.0/24 -i v0 --key 12 --seed 1 | either --seed or --key",
        "emulate 10.0.0.0/24 -i v0 --ports 0 | 0",
        "emulate 10.0.0.0/24 -i v0 --exclude 10.0.0.0/16 | no hosts are left",
        "emulate 10.0.0.0/24 -i v0 --duration soon | 'soon' is not a time",
        "routes fe80 | fe80",
        "capture -i v0 -w x --rotate-size 17179869184G | more than there is room for",
        "doctor --wrong | --wrong",
      })
  void shouldRefuseWrongArgumentsWithOneLineThatHelps(String arguments, String words) {
    assertThat(run(arguments)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).startsWith("framejet: ").contains(words).doesNotContain("\tat ");
    assertThat(err.toString().lines()).hasSizeLessThanOrEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void shouldShowTheCommandsWhenNoneIsNamed() {
    assertThat(run("")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("Usage: framejet", "sweep", "demo");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "sweep",
        "sweep arp",
        "send",
        "emulate",
        "links",
        "routes",
        "doctor",
        "generate-completion"
      })
  void shouldHelp(String command) {
    assertThat(run((command + " --help").strip())).isEqualTo(ExitCode.DONE);
    assertThat(out.toString()).contains("Usage: framejet");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void shouldNameTheLinkThatIsNotThere() {
    assertThat(run("sweep arp 10.0.0.0/24 -i nosuchlink0")).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).startsWith("framejet: ").contains("nosuchlink0").hasLineCount(1);
  }

  @Test
  void shouldNameTheNamespaceThatIsNotThere() {
    assertThat(run("links --netns nosuchnamespace")).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).startsWith("framejet: ").contains("nosuchnamespace").hasLineCount(1);
  }

  @Test
  void shouldShowTheStackOnlyForDebugging() {
    run("links --netns nosuchnamespace --debug");
    assertThat(err.toString()).contains("\tat io.framejet");
  }

  @Test
  void shouldReadAllOptionsOfASweep() {
    SweepOptions options =
        parse(
            "10.0.0.0/16 10.9.0.1 -i v0 --rate 2.5M --retries 0 --wait 1.5s --grace 20 --backend RING"
                + " --exclude 10.0.0.0/24,10.0.1.0/24 --exclude 10.0.2.1 --seed 7 --shard 2/4 --format jsonl"
                + " -o /tmp/x --summary /tmp/y --all --dry-run -q --off-link --netns lab");
    assertThat(options.targetSet().size()).isEqualTo(65_536 + 1 - 512 - 1);
    assertThat(options.rate).isEqualTo(Rate.of(2.5e6));
    assertThat(options.patience.waitTime).isEqualTo(Duration.ofMillis(1500));
    assertThat(options.grace).isEqualTo(Duration.ofMillis(20));
    assertThat(options.backend.backend()).isEqualTo(Backend.RING);
    assertThat(options.shard).hasToString("2/4");
    assertThat(options.link.namespace.netns).isEqualTo("lab");
    assertThat(options.all && options.dryRun && options.quiet.wanted && options.offLink).isTrue();
  }

  @Test
  void shouldHaveTheDefaultsOfTheDesign() {
    SweepOptions options = parse("10.0.0.0/16 -i v0");
    assertThat(options.rate).isNull();
    assertThat(options.patience.retries).isEqualTo(2);
    assertThat(options.patience.waitTime).isEqualTo(Duration.ofMillis(500));
    assertThat(options.grace).isEqualTo(Duration.ofMillis(50));
    assertThat(options.backend.backend()).isNull();
    assertThat(options.offLink || options.all || options.quiet.wanted).isFalse();
  }
}
