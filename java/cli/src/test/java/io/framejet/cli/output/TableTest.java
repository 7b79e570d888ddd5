package io.framejet.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static Table table() {
    Table table = new Table("index", "name", "addresses", "up");
    table.row(1, "lo", List.of(), true);
    table.row(12, "v0", List.of("10.77.0.1/16", "fe80::1/64"), false);
    return table;
  }

  @Test
  void shouldAlign() throws IOException {
    assertThat(table().text(Format.TABLE))
        .isEqualTo(
            """
            INDEX  NAME  ADDRESSES                 UP
            1      lo                              yes
            12     v0    10.77.0.1/16, fe80::1/64  no
            """);
  }

  @Test
  void shouldWriteCsv() throws IOException {
    assertThat(table().text(Format.CSV))
        .isEqualTo("index,name,addresses,up\n1,lo,,yes\n12,v0,10.77.0.1/16 fe80::1/64,no\n");
  }

  @Test
  void shouldWriteJsonLines() throws IOException {
    assertThat(table().text(Format.JSONL))
        .isEqualTo(
            """
            {"index":1,"name":"lo","addresses":[],"up":true}
            {"index":12,"name":"v0","addresses":["10.77.0.1/16","fe80::1/64"],"up":false}
            """);
  }
}
