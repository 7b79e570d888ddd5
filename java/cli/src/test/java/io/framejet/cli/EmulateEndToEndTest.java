package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.emulate.HostEmulator;
import io.framejet.frame.SipHash;
import io.framejet.inject.Rate;
import io.framejet.link.Lab;
import io.framejet.sweep.HostState;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import io.framejet.target.PortSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code emulate}, asked by sweeps from the other end. */
class EmulateEndToEndTest {
  private static final long SEED = 7;

  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    Privileges.requireLab();
    lab = Lab.builder().gro(true).open();
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private Process start(String arguments) throws IOException {
    List<String> words = new ArrayList<>(List.of("emulate", "-i", "v1"));
    words.addAll(Arrays.asList(arguments.split(" ", -1)));
    return new Cli().in(lab.farNamespace()).start(words.toArray(String[]::new));
  }

  private static BufferedReader err(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
  }

  /** As the documentation has it, by whoever knows the seed. */
  private static boolean isUp(int address, double share) {
    SipHash key = new SipHash(SEED, 0);
    return key.cookie(0, address & 0xffff_ffffL, 0) >>> 32 < Math.round(share * (1L << 32));
  }

  private SweepReport sweep(String targets) throws FramejetException {
    return Sweep.arp(lab.near())
        .targets(targets)
        .rate(Rate.of(50_000))
        .waitTime(Duration.ofMillis(200))
        .build()
        .run();
  }

  @ParameterizedTest
  @ValueSource(strings = {"xdp", "socket", "ring"})
  void shouldAnswerUntilInterrupted(String backend) throws Exception {
    Process process =
        start("10.77.0.0/16 --up 10% --seed " + SEED + " --ports 22,443 --backend " + backend);
    try (BufferedReader err = err(process)) {
      assertThat(err.readLine())
          .isEqualTo("Answering for 65,535 addresses on v1 by " + backend + "; Ctrl-C ends it");
      assertThat(err.readLine())
          .isEqualTo("Up: 0.1 of the hosts, by --key 07000000000000000000000000000000");
      assertThat(err.readLine()).isEqualTo("Left out: 10.77.0.2, which this machine owns");
      AtomicInteger up = new AtomicInteger();
      sweep("10.77.4.0/22")
          .forEachTarget(
              host -> {
                assertThat(host.state() == HostState.UP)
                    .as(host.addressText())
                    .isEqualTo(isUp(host.address(), 0.1));
                if (host.state() == HostState.UP) {
                  up.incrementAndGet();
                  assertThat(host.mac()).isEqualTo(HostEmulator.macOf(host.address()));
                }
              });
      assertThat(up.get()).isBetween(50, 200);
      Cli.signal(process, "INT");
      String last = "";
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        last = line;
      }
      assertThat(last).matches("Answered [0-9,]+ frames: arp [0-9,]+; ignored [0-9,]+");
      assertThat(process.waitFor()).isEqualTo(130);
    }
    assertThat(far()).contains("promiscuity 0").doesNotContain("xdp");
  }

  @Test
  void shouldTransmitWhereTheFarEndHasAProgram() throws Exception {
    Process process =
        start("10.77.4.0/24 --backend xdp --xdp-transmit --duration 1min --seed " + SEED);
    try (BufferedReader err = err(process)) {
      assertThat(err.readLine()).startsWith("Answering for 256 addresses on v1 by xdp");
      SweepReport report =
          Sweep.arp(lab.near()).targets("10.77.4.0/24").backend(Backend.XDP).build().run();
      assertThat(report.counts().hostsUp()).isEqualTo(256);
      assertThat(far("ethtool", "-S", "v1"))
          .contains("xdp_redirect: 0")
          .containsPattern("xdp_tx: [1-9]");
      Cli.signal(process, "INT");
      assertThat(process.waitFor()).isEqualTo(130);
    }
  }

  private String far() throws Exception {
    return far("ip", "-d", "link", "show", "v1");
  }

  private String far(String... command) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("nsenter", "--net=" + lab.farNamespace().externalPath()));
    words.addAll(List.of(command));
    Process process = new ProcessBuilder(words).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return text;
  }

  @Test
  void shouldTellOpenPortsFromOthers() throws Exception {
    Process process = start("10.77.4.0/28 --ports 22,443 --quiet");
    SweepReport report = null;
    for (int i = 0; i < 100 && (report == null || report.counts().hostsUp() == 0); i++) {
      report =
          Sweep.tcp(lab.near())
              .targets("10.77.4.0/28")
              .ports(PortSet.of(22, 80))
              .rate(Rate.of(50_000))
              .waitTime(Duration.ofMillis(200))
              .retries(0)
              .build()
              .run();
    }
    assertThat(report).isNotNull();
    report.forEachTarget(
        host -> assertThat(host.portState()).isEqualTo(host.port() == 22 ? "open" : "closed"));
    Cli.signal(process, "INT");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).isEqualTo(130);
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).isEmpty();
  }

  @Test
  void shouldSayWhichBackendAndWhy() throws Exception {
    Cli.Result xdp = Cli.finish(start("10.77.4.0/24 --duration 10ms"));
    assertThat(xdp.code()).as(xdp.err()).isZero();
    assertThat(xdp.err())
        .contains("Answering for 256 addresses on v1 by xdp (an XDP program, the fastest there is)")
        .contains("Answered 0 frames; ignored 0");
    lab.editNear().gro("v0", false);
    Cli.Result socket = Cli.finish(start("10.77.4.0/24 --duration 10ms"));
    assertThat(socket.code()).as(socket.err()).isZero();
    assertThat(socket.err()).contains("on v1 by socket (xdp is not to be had").contains("gro on");
    Cli.Result refused = Cli.finish(start("10.77.4.0/24 --duration 10ms --backend xdp"));
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).startsWith("framejet: ").contains("gro on").doesNotContain("\tat ");
    Cli.Result other = Cli.finish(start("10.77.4.0/24 --duration 10ms --backend pcap"));
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("not by pcap");
  }

  @Test
  void shouldLeaveNothingBehindWhenKilled() throws Exception {
    Process process = start("10.77.0.0/16 --backend xdp");
    try (BufferedReader err = err(process)) {
      assertThat(err.readLine()).startsWith("Answering for");
      assertThat(far()).contains("xdp").doesNotContain("promiscuity 0");
      Cli.signal(process, "KILL");
      assertThat(process.waitFor()).isEqualTo(137);
    }
    for (int i = 0; i < 100 && far().contains("xdp"); i++) {
      Thread.sleep(50);
    }
    assertThat(far()).contains("promiscuity 0").doesNotContain("xdp");
  }

  @Test
  void shouldSayThatTheLinkIsGone() throws Exception {
    Process process = start("10.77.4.0/24 --backend xdp");
    try (BufferedReader err = err(process)) {
      assertThat(err.readLine()).startsWith("Answering for");
      lab.editNear().delete("v0");
      assertThat(err.readLine()).startsWith("Answered 0 frames");
      assertThat(err.readLine()).startsWith("framejet: ").contains("v1 is gone");
      assertThat(process.waitFor()).isEqualTo(1);
    }
  }

  @Test
  void shouldAnswerForIpv6() throws Exception {
    Cli.Result result =
        Cli.finish(start("2001:db8::/120 10.77.4.0/24 --exclude 2001:db8::/121 --duration 10ms"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Answering for 384 addresses");
    Cli.Result owned = Cli.finish(start("10.77.0.2 --duration 10ms"));
    assertThat(owned.code()).isEqualTo(2);
    assertThat(owned.err()).contains("this machine itself owns");
  }
}
