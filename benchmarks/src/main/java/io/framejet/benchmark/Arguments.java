package io.framejet.benchmark;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * {@code --name value} and {@code --flag} of a program in this package; the scripts are its only
 * callers.
 */
final class Arguments {
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> flags = new HashSet<>();

  Arguments(String[] args, Set<String> known, Set<String> knownFlags) {
    for (int i = 0; i < args.length; i++) {
      if (knownFlags.contains(args[i])) {
        flags.add(args[i]);
      } else if (known.contains(args[i]) && i + 1 < args.length) {
        values.put(args[i], args[++i]);
      } else {
        throw new IllegalArgumentException("unknown argument, or one without a value: " + args[i]);
      }
    }
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    return values.containsKey(name) ? Integer.parseInt(values.get(name)) : otherwise;
  }

  double real(String name, double otherwise) {
    return values.containsKey(name) ? Double.parseDouble(values.get(name)) : otherwise;
  }

  boolean flag(String name) {
    return flags.contains(name);
  }
}
