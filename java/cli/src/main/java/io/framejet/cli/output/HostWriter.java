package io.framejet.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.framejet.frame.MacAddress;
import java.io.IOException;
import java.io.Writer;
import org.apache.commons.csv.CSVFormat;

/** Writes result rows in one format. */
interface HostWriter {
  void begin() throws IOException;

  void row(HostRow row) throws IOException;

  /** Hands what was written so far to the writer beneath. */
  default void flush() throws IOException {}

  /**
   * A writer of rows.
   *
   * @param addressWidth characters of the longest address that there may be
   */
  static HostWriter of(Format format, Columns columns, int addressWidth, Writer out)
      throws IOException {
    return switch (format) {
      case TABLE -> new TableRows(columns, addressWidth, out);
      case CSV -> new CsvRows(columns, out);
      case JSONL -> new JsonRows(columns, out);
    };
  }

  /** Columns of fixed width, since rows are shown before the widest is known. */
  final class TableRows implements HostWriter {
    private static final int PORT = 5;
    private static final int STATE = 8;
    private static final int MAC = 17;
    private static final int RTT = 10;
    private static final int TTL = 3;
    private static final int TRY = 3;

    private final Columns columns;
    private final int addressWidth;
    private final Writer out;
    private final StringBuilder line = new StringBuilder(100);

    TableRows(Columns columns, int addressWidth, Writer out) {
      this.columns = columns;
      this.addressWidth = addressWidth;
      this.out = out;
    }

    @Override
    public void begin() throws IOException {
      cells("ADDRESS", "PORT", "STATE", "MAC", "RTT", "TTL", "TRY", "NOTE");
    }

    @Override
    public void row(HostRow row) throws IOException {
      cells(
          row.address(),
          Integer.toString(row.port()),
          row.state(),
          row.macText(),
          row.rttMicros() < 0 ? "" : Numbers.grouped(row.rttMicros()) + " us",
          row.ttl() < 0 ? "" : Integer.toString(row.ttl()),
          row.tries() == 0 ? "" : Integer.toString(row.tries()),
          row.note());
    }

    private void cells(
        String address,
        String port,
        String state,
        String mac,
        String rtt,
        String ttl,
        String tries,
        String note)
        throws IOException {
      line.setLength(0);
      left(address, addressWidth);
      if (columns.hasPorts()) {
        right(port, PORT);
        left(state, STATE);
      }
      left(mac, MAC);
      right(rtt, RTT);
      if (columns.hasTtl()) {
        right(ttl, TTL);
      }
      right(tries, TRY);
      line.append(note);
      int end = line.length();
      while (end > 0 && line.charAt(end - 1) == ' ') {
        end--;
      }
      line.setLength(end);
      out.append(line.append('\n'));
    }

    private void left(String text, int width) {
      line.append(text);
      pad(width - text.length() + 2);
    }

    private void right(String text, int width) {
      pad(width - text.length());
      line.append(text).append("  ");
    }

    private void pad(int count) {
      for (int i = 0; i < count; i++) {
        line.append(' ');
      }
    }
  }

  /** Comma-separated values (RFC 4180). */
  final class CsvRows implements HostWriter {
    private static final CSVFormat FORMAT =
        CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();
    private static final int CHUNK = 1 << 13;

    private final Columns columns;
    private final Writer out;

    // A writer takes a lock for whatever it is given, so it is given many rows at a time.
    private final StringBuilder rows = new StringBuilder(CHUNK + 256);

    CsvRows(Columns columns, Writer out) {
      this.columns = columns;
      this.out = out;
    }

    @Override
    public void begin() throws IOException {
      FORMAT.printRecord(rows, columns.names().toArray());
    }

    // Only a note may need quotes, for which the library looks at every character.
    @Override
    public void row(HostRow row) throws IOException {
      final StringBuilder line = rows;
      line.append(row.address()).append(',');
      if (columns.hasPorts()) {
        line.append(row.port()).append(',').append(row.state()).append(',');
      }
      if (row.mac() != null) {
        MacAddress.appendTo(line, row.mac().toLong());
      }
      number(row.rttMicros());
      if (columns.hasTtl()) {
        number(row.ttl());
      }
      number(row.tries());
      if (row.note().isEmpty()) {
        line.append(',');
      } else {
        FORMAT.print(row.note(), line, false);
      }
      line.append('\n');
      if (line.length() >= CHUNK) {
        flush();
      }
    }

    /** A further column; nothing in it for less than 0. */
    private void number(long value) {
      rows.append(',');
      if (value >= 0) {
        rows.append(value);
      }
    }

    @Override
    public void flush() throws IOException {
      out.append(rows);
      rows.setLength(0);
    }
  }

  /** One JSON object a line. */
  final class JsonRows implements HostWriter {
    private final Columns columns;
    private final JsonGenerator json;

    JsonRows(Columns columns, Writer out) throws IOException {
      this.columns = columns;
      json = new JsonFactory().createGenerator(out);
      json.setPrettyPrinter(new MinimalPrettyPrinter(""));
      json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
    }

    @Override
    public void begin() {}

    @Override
    public void row(HostRow row) throws IOException {
      json.writeStartObject();
      json.writeStringField("address", row.address());
      if (columns.hasPorts()) {
        json.writeNumberField("port", row.port());
        textOrNull("state", row.state());
      }
      textOrNull("mac", row.macText());
      numberOrNull("rtt_us", row.rttMicros());
      if (columns.hasTtl()) {
        numberOrNull("ttl", row.ttl());
      }
      json.writeNumberField("try", row.tries());
      json.writeStringField("note", row.note());
      json.writeEndObject();
      json.writeRaw('\n');
    }

    private void textOrNull(String name, String text) throws IOException {
      if (text.isEmpty()) {
        json.writeNullField(name);
      } else {
        json.writeStringField(name, text);
      }
    }

    private void numberOrNull(String name, long number) throws IOException {
      if (number < 0) {
        json.writeNullField(name);
      } else {
        json.writeNumberField(name, number);
      }
    }

    @Override
    public void flush() throws IOException {
      json.flush();
    }
  }
}
