package io.framejet.cli.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Results as a tree of maps, lists, texts, numbers, truth values and nulls: what goes into the JSON
 * file is what the page shows, and what {@code compare} reads back.
 */
final class Json {
  private static final int MAX_DEPTH = 32;

  private Json() {}

  /** An object to be filled. */
  static Map<String, @Nullable Object> object() {
    return new LinkedHashMap<>();
  }

  /** Writes a tree, indented. */
  static void write(Map<String, @Nullable Object> tree, Writer out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      value(json, tree);
      json.writeRaw('\n');
    }
  }

  private static void value(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        value(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object each : list) {
        value(json, each);
      }
      json.writeEndArray();
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.toString());
    }
  }

  /**
   * Reads a file that holds one object.
   *
   * @throws IOException if there is none, or it is not JSON
   */
  static Map<String, @Nullable Object> read(Path file) throws IOException {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();
    try (JsonParser parser = factory.createParser(Files.readString(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(file + " holds no JSON object");
      }
      return object(parser);
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> map = object();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      map.put(name, value(parser));
    }
    return map;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  // --- reading a tree, whoever wrote it

  /** A number, or {@code otherwise} where there is none. */
  static double number(Map<?, ?> of, String name, double otherwise) {
    return of.get(name) instanceof Number number ? number.doubleValue() : otherwise;
  }

  /** A text, or a number as text; empty where there is neither. */
  static String text(Map<?, ?> of, String name) {
    Object value = of.get(name);
    return value == null ? "" : value.toString();
  }

  /** An object; empty where there is none. */
  static Map<?, ?> map(Map<?, ?> of, String name) {
    return of.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  /** The objects of a list; none where there is no list. */
  static List<Map<?, ?>> maps(Map<?, ?> of, String name) {
    List<Map<?, ?>> found = new ArrayList<>();
    if (of.get(name) instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Map<?, ?> map) {
          found.add(map);
        }
      }
    }
    return found;
  }

  /** The numbers of a list. */
  static double[] numbers(Map<?, ?> of, String name) {
    return of.get(name) instanceof List<?> list
        ? list.stream()
            .filter(Number.class::isInstance)
            .mapToDouble(each -> ((Number) each).doubleValue())
            .toArray()
        : new double[0];
  }
}
