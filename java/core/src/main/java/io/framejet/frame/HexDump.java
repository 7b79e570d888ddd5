package io.framejet.frame;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads bytes from hexadecimal text as people and tcpdump write it. */
final class HexDump {
  // Four digits and a colon before white space: an offset. A colon inside a MAC follows two digits.
  private static final Pattern OFFSET =
      Pattern.compile("^\\s*(?:0[xX])?[0-9a-fA-F]{4,8}:(?:\\s+|$)");
  private static final Pattern TEXT_COLUMN = Pattern.compile("\\s{2,}.*$");
  private static final Pattern GROUPS = Pattern.compile("[\\s:,-]+");
  private static final Pattern GROUP = Pattern.compile("(?:0[xX])?((?:[0-9a-fA-F]{2})+)");

  private HexDump() {}

  static byte[] parse(String text) {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() / 2);
    final List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      parseLine(lines.get(i), i + 1, bytes);
    }
    if (bytes.size() == 0) {
      throw new IllegalArgumentException("no hexadecimal digits: '" + text + "'");
    }
    return bytes.toByteArray();
  }

  private static void parseLine(String line, int number, ByteArrayOutputStream bytes) {
    String digits = line;
    final Matcher offset = OFFSET.matcher(line);
    if (offset.find()) {
      digits = TEXT_COLUMN.matcher(line.substring(offset.end())).replaceFirst("");
    }
    for (String group : GROUPS.split(digits, -1)) {
      if (group.isEmpty()) {
        continue;
      }
      final Matcher matcher = GROUP.matcher(group);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "not whole bytes in hexadecimal: '" + group + "' in line " + number);
      }
      final String pairs = matcher.group(1);
      for (int i = 0; i < pairs.length(); i += 2) {
        bytes.write(Integer.parseInt(pairs, i, i + 2, 16));
      }
    }
  }
}
