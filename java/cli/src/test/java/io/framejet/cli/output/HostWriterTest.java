package io.framejet.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.probe.ReplyState;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.HostState;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostWriterTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:05");
  private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:66");

  private static HostResult host(
      String address,
      HostState state,
      @Nullable MacAddress mac,
      long rtt,
      int tries,
      boolean self) {
    return result(address, 0, state, null, mac, rtt, -1, tries, self, List.of());
  }

  private static HostResult result(
      String address,
      int port,
      HostState state,
      @Nullable ReplyState reply,
      @Nullable MacAddress mac,
      long rtt,
      int ttl,
      int tries,
      boolean self,
      List<MacAddress> others) {
    return new HostResult(
        false,
        0,
        Ipv4.parse(address) & 0xffff_ffffL,
        port,
        state,
        reply,
        mac,
        rtt,
        ttl,
        tries,
        self,
        false,
        "",
        others);
  }

  private static String written(Format format) throws IOException {
    StringWriter out = new StringWriter();
    HostWriter writer = HostWriter.of(format, Columns.NEIGHBORS, 15, out);
    writer.begin();
    writer.row(HostRow.of(host("10.77.0.1", HostState.UP, MAC, 0, 0, true)));
    writer.row(HostRow.of(host("10.77.0.5", HostState.UP, MAC, 1234, 1, false)));
    writer.row(
        HostRow.conflicting(
            result(
                "10.77.0.5", 0, HostState.UP, null, MAC, 1234, -1, 1, false, List.of(MAC, OTHER))));
    writer.row(HostRow.of(host("10.77.255.254", HostState.SILENT, null, -1, 3, false)));
    writer.row(HostRow.of(host("10.77.1.1", HostState.POSSIBLY_LOST, null, -1, 3, false)));
    writer.flush();
    return out.toString();
  }

  private static String ports(Format format) throws IOException {
    StringWriter out = new StringWriter();
    HostWriter writer = HostWriter.of(format, Columns.PORTS, 15, out);
    writer.begin();
    writer.row(
        HostRow.of(
            result(
                "10.77.0.5", 22, HostState.UP, ReplyState.OPEN, MAC, 90, 64, 1, false, List.of())));
    writer.row(
        HostRow.of(
            result(
                "10.77.0.5",
                23,
                HostState.SILENT,
                ReplyState.FILTERED,
                MAC,
                -1,
                -1,
                3,
                false,
                List.of())));
    writer.row(HostRow.of(host("10.77.0.6", HostState.SILENT, null, -1, 0, false)));
    writer.row(HostRow.of(host("10.77.0.1", HostState.UP, MAC, 0, 0, true)));
    writer.flush();
    return out.toString();
  }

  @Test
  void shouldWritePorts() throws IOException {
    assertThat(ports(Format.CSV))
        .isEqualTo(
            """
            address,port,state,mac,rtt_us,ttl,try,note
            10.77.0.5,22,open,02:00:00:00:00:05,90,64,1,
            10.77.0.5,23,filtered,02:00:00:00:00:05,,,3,
            10.77.0.6,0,,,,,0,silent
            10.77.0.1,0,,02:00:00:00:00:05,,,0,self
            """);
    assertThat(ports(Format.JSONL).lines().findFirst())
        .contains(
            "{\"address\":\"10.77.0.5\",\"port\":22,\"state\":\"open\",\"mac\":\"02:00:00:00:00:05\","
                + "\"rtt_us\":90,\"ttl\":64,\"try\":1,\"note\":\"\"}");
    assertThat(ports(Format.TABLE).lines().limit(3))
        .containsExactly(
            "ADDRESS           PORT  STATE     MAC                       RTT  TTL  TRY  NOTE",
            "10.77.0.5           22  open      02:00:00:00:00:05       90 us   64    1",
            "10.77.0.5           23  filtered  02:00:00:00:00:05                     3");
  }

  @Test
  void shouldWriteCsv() throws IOException {
    assertThat(written(Format.CSV))
        .isEqualTo(
            """
            address,mac,rtt_us,try,note
            10.77.0.1,02:00:00:00:00:05,,0,self
            10.77.0.5,02:00:00:00:00:05,1234,1,
            10.77.0.5,02:00:00:00:00:66,,1,conflict
            10.77.255.254,,,3,silent
            10.77.1.1,,,3,possibly lost
            """);
  }

  @Test
  void shouldWriteJsonLines() throws IOException {
    List<String> lines = written(Format.JSONL).lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(1))
        .isEqualTo(
            "{\"address\":\"10.77.0.5\",\"mac\":\"02:00:00:00:00:05\",\"rtt_us\":1234,\"try\":1,\"note\":\"\"}");
    JsonNode silent = new ObjectMapper().readTree(lines.get(3));
    assertThat(silent.get("mac").isNull()).isTrue();
    assertThat(silent.get("rtt_us").isNull()).isTrue();
    assertThat(silent.get("note").asText()).isEqualTo("silent");
    for (String line : lines) {
      assertThat(new ObjectMapper().readTree(line).fieldNames())
          .toIterable()
          .containsExactly("address", "mac", "rtt_us", "try", "note");
    }
  }

  @Test
  void shouldAlignTheTable() throws IOException {
    assertThat(written(Format.TABLE))
        .isEqualTo(
            """
            ADDRESS          MAC                       RTT  TRY  NOTE
            10.77.0.1        02:00:00:00:00:05                   self
            10.77.0.5        02:00:00:00:00:05    1,234 us    1
            10.77.0.5        02:00:00:00:00:66                1  conflict
            10.77.255.254                                     3  silent
            10.77.1.1                                         3  possibly lost
            """);
  }
}
