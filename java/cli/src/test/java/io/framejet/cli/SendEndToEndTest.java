package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.link.Lab;
import io.framejet.link.LinkCounters;
import io.framejet.receive.Receiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendEndToEndTest {
  private static final String HEX = "ffffffffffff 020000000001 88b5 48656c6c6f";

  private Lab lab;

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

  private Cli.Result send(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("send", "-i", "v0"));
    all.addAll(List.of(arguments));
    return new Cli().in(lab.nearNamespace()).run(all.toArray(String[]::new));
  }

  private static List<String> received(Receiver receiver) throws Exception {
    List<String> frames = new ArrayList<>();
    while (receiver.await(200_000_000)) {
      receiver.poll(
          frame -> {
            byte[] bytes = new byte[frame.length()];
            ByteBuffer buffer = frame.buffer();
            buffer.get(frame.offset(), bytes);
            frames.add(HexFormat.of().formatHex(bytes));
          },
          1000);
    }
    return frames;
  }

  @Test
  void shouldSendHexFromTheArguments() throws Exception {
    try (Receiver receiver = Receiver.open(lab.far())) {
      Cli.Result result = send(HEX.split(" "));
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.err()).contains("Sent 1 frame of 60 bytes on v0");
      assertThat(received(receiver))
          .containsExactly(HEX.replace(" ", "") + "0".repeat(2 * 60 - 38));
    }
  }

  @Test
  void shouldSendHexFromStandardInput() throws Exception {
    LinkCounters before = lab.far().counters();
    Process process =
        new ProcessBuilder(
                new Cli().in(lab.nearNamespace()).command("send", "-i", "v0", "-", "--count", "3"))
            .start();
    process.getOutputStream().write(HEX.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(lab.far().counters().minus(before).rxPackets()).isEqualTo(3);
  }

  @Test
  void shouldAskByArpAsTheLink() throws Exception {
    try (Receiver receiver = Receiver.open(lab.far())) {
      Cli.Result result = send("--arp", "10.77.0.2");
      assertThat(result.code()).as(result.err()).isZero();
      String mac = lab.near().mac().toString().replace(":", "");
      assertThat(received(receiver))
          .contains(
              "ffffffffffff"
                  + mac
                  + "08060001080006040001"
                  + mac
                  + "0a4d00010000000000000a4d0002"
                  + "0".repeat(36));
    }
  }

  @Test
  void shouldReplyByArp() throws Exception {
    try (Receiver receiver = Receiver.open(lab.far())) {
      Cli.Result result =
          send(
              "--arp",
              "10.77.0.2",
              "--reply",
              "--to",
              "02:00:00:00:00:09",
              "--source-ip",
              "10.77.0.7",
              "--source-mac",
              "02:00:00:00:00:07");
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(received(receiver))
          .contains(
              "020000000009020000000007080600010800060400020200000000070a4d00070200000000090a4d0002"
                  + "0".repeat(36));
    }
  }

  @Test
  void shouldNeedADestinationForAReply() throws Exception {
    Cli.Result result = send("--arp", "10.77.0.2", "--reply");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--to MAC");
  }

  @ParameterizedTest
  @ValueSource(strings = {"socket", "ring", "pcap"})
  void shouldSendManyByEachBackend(String backend) throws Exception {
    LinkCounters before = lab.far().counters();
    Cli.Result result =
        send("--count", "10000", "--rate", "max", "--backend", backend, HEX.replace(" ", ""));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Sent 10,000 frames of 60 bytes on v0 by " + backend);
    assertThat(lab.far().counters().minus(before).rxPackets()).isEqualTo(10_000);
  }

  @Test
  void shouldKeepTheRate() throws Exception {
    long before = System.nanoTime();
    Cli.Result result = send("--count", "100", "--rate", "100", HEX.replace(" ", ""));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(System.nanoTime() - before).isGreaterThan(990_000_000L);
  }

  @Test
  void shouldStopWhenInterrupted() throws Exception {
    Process process =
        new Cli()
            .in(lab.nearNamespace())
            .start("send", "-i", "v0", "--count", "1000000", "--rate", "100", HEX.replace(" ", ""));
    LinkCounters before = lab.far().counters();
    while (process.isAlive() && lab.far().counters().minus(before).rxPackets() < 5) {
      Thread.sleep(10);
    }
    Cli.signal(process, "INT");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isEqualTo(130);
    assertThat(result.err()).contains("Sent ");
  }

  @Test
  void shouldFailOnALinkThatIsDown() throws Exception {
    lab.editNear().down("v0");
    Cli.Result result = send(HEX.replace(" ", ""));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("framejet: ", "v0").contains("down").doesNotContain("\tat ");
  }

  @Test
  void shouldRefuseAFrameThatIsTooLong() throws Exception {
    Cli.Result result = send(HEX.replace(" ", "") + "00".repeat(1600));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("framejet: ")
        .doesNotContain("internal error")
        .doesNotContain("\tat ");
  }

  @Test
  void shouldRefuseAFrameThatIsTooShort() throws Exception {
    Cli.Result result = send("0102030405");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("framejet: ")
        .doesNotContain("internal error")
        .doesNotContain("\tat ");
  }
}
