package io.framejet.testing;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands that run a main class in a JVM of its own. */
public final class ChildJvm {
  private ChildJvm() {}

  /** A JVM with the class path of the tests, this JVM's kind and the given options. */
  public static Command running(Class<?> main, List<String> options, String... arguments) {
    return running(classPath(), main.getName(), options, arguments);
  }

  /** A JVM with a class path of its own. */
  public static Command running(
      String classPath, String main, List<String> options, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(java());
    // No file in /tmp/hsperfdata_*, and little memory.
    words.addAll(List.of("-XX:-UsePerfData", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    words.addAll(options);
    words.addAll(List.of("-cp", classPath, main));
    words.addAll(List.of(arguments));
    return Command.of(words);
  }

  /** The java program that runs the tests. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The class path of the tests; surefire hides it behind a jar of its own. */
  public static String classPath() {
    String hidden = System.getProperty("surefire.test.class.path");
    return hidden != null ? hidden : System.getProperty("java.class.path");
  }

  /** The entries of the tests' class path whose file name begins so. */
  public static List<Path> entries(String... prefixes) {
    List<Path> found = new ArrayList<>();
    for (String entry : List.of(classPath().split(File.pathSeparator, -1))) {
      Path path = Path.of(entry);
      for (String prefix : prefixes) {
        if (String.valueOf(path.getFileName()).startsWith(prefix)) {
          found.add(path);
        }
      }
    }
    return found;
  }
}
