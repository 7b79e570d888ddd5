package io.framejet.cli.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs this program again inside a user namespace, where an ordinary user may make and configure
 * network namespaces (user_namespaces(7)). A JVM cannot move itself into one: that takes a process
 * with a single thread.
 */
public final class UserNamespace {
  private static final String INSIDE = "framejet.userns";
  private static final List<String> UNSHARE =
      List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--");
  private static final long PROBE_SECONDS = 10;
  private static final long FAREWELL_SECONDS = 8;

  private UserNamespace() {}

  /** Whether this process was started by {@link #runAgainInside}. */
  public static boolean isInside() {
    return Boolean.getBoolean(INSIDE);
  }

  /**
   * Why there is no user namespace to be had and what would help, as the end of a sentence; null if
   * there is one.
   */
  public static @Nullable String obstacle() throws IOException {
    List<String> probe = new ArrayList<>(UNSHARE);
    probe.add("true");
    String said;
    try {
      Process process = new ProcessBuilder(probe).redirectErrorStream(true).start();
      process.getOutputStream().close();
      said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (waitFor(process, PROBE_SECONDS) && process.exitValue() == 0) {
        return null;
      }
      process.destroyForcibly();
    } catch (IOException e) {
      return "the program 'unshare' could not be run: install util-linux, or use sudo";
    }
    return explain(said);
  }

  private static String explain(String said) {
    if (is("/proc/sys/kernel/unprivileged_userns_clone", "0")) {
      return "this kernel denies those to ordinary users: use sudo, or allow them with"
          + " 'sudo sysctl -w kernel.unprivileged_userns_clone=1'";
    }
    if (is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")) {
      return "AppArmor denies those to ordinary users: use sudo, or allow them with"
          + " 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'";
    }
    if (is("/proc/sys/user/max_user_namespaces", "0")) {
      return "this system allows none: use sudo, or allow them with 'sudo sysctl -w user.max_user_namespaces=10000'";
    }
    return "this system denies those ("
        + said.replace('\n', ' ')
        + "): use sudo, or look at the sysctls"
        + " user.max_user_namespaces and kernel.unprivileged_userns_clone";
  }

  private static boolean is(String file, String value) {
    try {
      return Files.readString(Path.of(file)).strip().equals(value);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Runs this same program, with the same Java, options and arguments, in a new user namespace.
   *
   * @return its exit code
   */
  public static int runAgainInside() throws IOException {
    Process child = new ProcessBuilder(commandLine()).inheritIO().start();
    try (Interrupts.Registration registration = Interrupts.onInterrupt(() -> end(child))) {
      return child.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(child);
      return Interrupts.EXIT_CODE;
    }
  }

  // From a terminal SIGINT reaches the child as well; it then ends by itself, and SIGTERM changes
  // nothing.
  private static void end(Process child) {
    child.destroy();
    try {
      if (!waitFor(child, FAREWELL_SECONDS)) {
        child.destroyForcibly();
      }
    } catch (IOException e) {
      child.destroyForcibly();
    }
  }

  private static boolean waitFor(Process process, long seconds) throws IOException {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a process", e);
    }
  }

  private static List<String> commandLine() throws IOException {
    // As the kernel has it: exact, and quicker than asking the JVM for its options through
    // management beans.
    String raw = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8);
    List<String> arguments = Arrays.asList(raw.split("\0", -1));
    List<String> command = new ArrayList<>(UNSHARE);
    command.add(Path.of("/proc/self/exe").toRealPath().toString());
    command.add("-D" + INSIDE + "=true");
    for (String argument : arguments.subList(1, arguments.size() - 1)) {
      // Only one process may write such a file.
      if (!argument.startsWith("-XX:ArchiveClassesAtExit=")
          && !argument.startsWith("-XX:DumpLoadedClassList=")) {
        command.add(argument);
      }
    }
    return command;
  }
}
