package io.framejet.cli.bench;

import java.util.List;

/** Pieces of a page. */
final class Html {
  private Html() {}

  /** Text for between tags and for attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** A table; the first cell of each row names it. */
  static String table(String caption, List<String> columns, List<List<String>> rows) {
    StringBuilder out = new StringBuilder("<div class='scroll' tabindex='0'><table><caption>");
    out.append(escape(caption)).append("</caption><thead><tr>");
    columns.forEach(each -> out.append("<th scope='col'>").append(escape(each)).append("</th>"));
    out.append("</tr></thead><tbody>");
    for (List<String> row : rows) {
      out.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        out.append(i == 0 ? "<th scope='row'>" : "<td>").append(escape(row.get(i)));
        out.append(i == 0 ? "</th>" : "</td>");
      }
      out.append("</tr>");
    }
    return out.append("</tbody></table></div>").toString();
  }

  /** A plot with its name, what its colors stand for, and its values as a table. */
  static String figure(String title, String note, String legend, String svg, String table) {
    return "<figure><figcaption><h2>"
        + escape(title)
        + "</h2>"
        + (note.isEmpty() ? "" : "<p>" + escape(note) + "</p>")
        + "</figcaption>"
        + legend
        + svg
        + "<details><summary>Values</summary>"
        + table
        + "</details></figure>\n";
  }
}
