package io.framejet.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A small table, as wide as what is in it. A cell is a text, a number, a truth value, or a list of
 * texts.
 */
public final class Table {
  private final List<String> columns;
  private final List<List<Object>> rows = new ArrayList<>();

  /** A table with these columns, named as in CSV and JSON. */
  public Table(String... columns) {
    this.columns = List.of(columns);
  }

  /** Adds a row. */
  public void row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException("cells=" + cells.length + " columns=" + columns.size());
    }
    rows.add(List.of(cells));
  }

  /** Prints all rows to standard output. */
  public void print(Format format) throws IOException {
    print(text(format));
  }

  /** Prints all rows without the header line, behind those of a table printed before. */
  public void printRows(Format format) throws IOException {
    String text = text(format);
    print(format == Format.JSONL ? text : text.substring(text.indexOf('\n') + 1));
  }

  private static void print(String text) throws IOException {
    try {
      Writer out =
          new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8);
      out.write(text);
      out.flush();
    } catch (IOException e) {
      throw Unwritable.of(null, e);
    }
  }

  /** All rows. */
  public String text(Format format) throws IOException {
    StringWriter out = new StringWriter();
    switch (format) {
      case TABLE -> aligned(out);
      case CSV -> csv(out);
      case JSONL -> jsonl(out);
    }
    return out.toString();
  }

  private void aligned(StringWriter out) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        columns.stream().map(name -> name.replace('_', ' ').toUpperCase(Locale.ROOT)).toList());
    rows.forEach(row -> lines.add(row.stream().map(cell -> flat(cell, ", ")).toList()));
    int[] widths = new int[columns.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = line.get(i);
        text.append(cell).append(" ".repeat(widths[i] - cell.length() + 2));
      }
      out.append(text.toString().stripTrailing()).append('\n');
    }
  }

  private void csv(StringWriter out) throws IOException {
    CSVPrinter csv =
        new CSVPrinter(out, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
    csv.printRecord(columns);
    for (List<Object> row : rows) {
      csv.printRecord(row.stream().map(cell -> flat(cell, " ")).toList());
    }
  }

  private void jsonl(StringWriter out) throws IOException {
    for (List<Object> row : rows) {
      JsonGenerator json = new JsonFactory().createGenerator(out);
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      for (int i = 0; i < row.size(); i++) {
        json.writeFieldName(columns.get(i));
        value(json, row.get(i));
      }
      json.writeEndObject();
      json.close();
      out.append('\n');
    }
  }

  private static void value(JsonGenerator json, Object cell) throws IOException {
    if (cell instanceof Number number) {
      json.writeNumber(number.longValue());
    } else if (cell instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (cell instanceof List<?> list) {
      json.writeStartArray();
      for (Object item : list) {
        json.writeString(item.toString());
      }
      json.writeEndArray();
    } else {
      json.writeString(cell.toString());
    }
  }

  private static String flat(Object cell, String separator) {
    if (cell instanceof List<?> list) {
      return String.join(separator, list.stream().map(Object::toString).toList());
    }
    if (cell instanceof Boolean flag) {
      return flag ? "yes" : "no";
    }
    return cell.toString();
  }
}
