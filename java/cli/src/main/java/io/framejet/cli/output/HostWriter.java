package io.framejet.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** Writes result rows in one format. */
interface HostWriter {
  void begin() throws IOException;

  void row(HostRow row) throws IOException;

  /** Hands what was written so far to the writer beneath. */
  default void flush() throws IOException {}

  static HostWriter of(Format format, Writer out) throws IOException {
    return switch (format) {
      case TABLE -> new TableRows(out);
      case CSV -> new CsvRows(out);
      case JSONL -> new JsonRows(out);
    };
  }

  /** Columns of fixed width, since rows are shown before the widest is known. */
  final class TableRows implements HostWriter {
    private static final int[] WIDTHS = {15, 17, 10, 3};

    private final Writer out;
    private final StringBuilder line = new StringBuilder(80);

    TableRows(Writer out) {
      this.out = out;
    }

    @Override
    public void begin() throws IOException {
      line.setLength(0);
      left("ADDRESS", WIDTHS[0]);
      left("MAC", WIDTHS[1]);
      right("RTT", WIDTHS[2]);
      right("TRY", WIDTHS[3]);
      line.append("NOTE\n");
      out.append(line);
    }

    @Override
    public void row(HostRow row) throws IOException {
      line.setLength(0);
      left(row.addressText(), WIDTHS[0]);
      left(row.macText(), WIDTHS[1]);
      right(row.rttMicros() < 0 ? "" : Numbers.grouped(row.rttMicros()) + " us", WIDTHS[2]);
      right(row.tries() == 0 ? "" : Integer.toString(row.tries()), WIDTHS[3]);
      line.append(row.note());
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

  /** Comma-separated values. */
  final class CsvRows implements HostWriter {
    private final CSVPrinter csv;

    CsvRows(Writer out) throws IOException {
      csv = new CSVPrinter(out, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
    }

    @Override
    public void begin() throws IOException {
      csv.printRecord(HostRow.COLUMNS);
    }

    @Override
    public void row(HostRow row) throws IOException {
      csv.print(row.addressText());
      csv.print(row.macText());
      csv.print(row.rttMicros() < 0 ? "" : row.rttMicros());
      csv.print(row.tries());
      csv.print(row.note());
      csv.println();
    }
  }

  /** One JSON object a line. */
  final class JsonRows implements HostWriter {
    private final JsonGenerator json;

    JsonRows(Writer out) throws IOException {
      json = new JsonFactory().createGenerator(out);
      json.setPrettyPrinter(new MinimalPrettyPrinter(""));
      json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
    }

    @Override
    public void begin() {}

    @Override
    public void row(HostRow row) throws IOException {
      json.writeStartObject();
      json.writeStringField("address", row.addressText());
      if (row.mac() == null) {
        json.writeNullField("mac");
      } else {
        json.writeStringField("mac", row.macText());
      }
      if (row.rttMicros() < 0) {
        json.writeNullField("rtt_us");
      } else {
        json.writeNumberField("rtt_us", row.rttMicros());
      }
      json.writeNumberField("try", row.tries());
      json.writeStringField("note", row.note());
      json.writeEndObject();
      json.writeRaw('\n');
    }

    @Override
    public void flush() throws IOException {
      json.flush();
    }
  }
}
