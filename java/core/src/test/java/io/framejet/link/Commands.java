package io.framejet.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.testing.Privileges;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** Other processes: {@code ip} as an independent witness, and JVMs to be killed. */
final class Commands {
  private Commands() {}

  /** What {@code ip} says inside a namespace. */
  static String ip(NetworkNamespace namespace, String... arguments) throws Exception {
    final List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=" + namespace.externalPath(), "ip"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  static String run(List<String> command) throws Exception {
    final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    final String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  /** A JVM of the same class path that has printed its first line. */
  static Child start(Class<?> main, String... arguments) throws IOException {
    return startAs(List.of(), main, arguments);
  }

  /** The same behind a command such as {@code setpriv}. */
  static Child startAs(List<String> prefix, Class<?> main, String... arguments) throws IOException {
    final List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    final Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    final BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    final String line = output.readLine();
    assertThat(line).as("first line of %s", main).isNotNull();
    return new Child(process, line);
  }

  /** A child JVM, killed at close if it still runs. */
  record Child(Process process, String firstLine) implements AutoCloseable {
    /** Has it end by itself: such a child waits for a line. */
    void finish() throws Exception {
      process.getOutputStream().write('\n');
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }

    /** {@code kill -9}. */
    void kill() {
      process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
      kill();
    }
  }

  /** Waits for something that the kernel does in its own time. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    final long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("in time: %s", what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  /**
   * How many sockets and namespaces this process holds open. Files are not counted: the JVM opens
   * some of its own. A test asks for no more than before: what earlier tests forgot may be closed
   * meanwhile.
   */
  static long descriptors() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.map(Commands::target).filter(t -> t.matches("(socket|net):.*")).count();
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // that of the listing itself
    }
  }

  /** Fails if this process sees any of these links, or any of these namespaces has a name. */
  static void assertNothingLeft(List<String> links, List<Long> namespaces) throws Exception {
    final String devices = Files.readString(Path.of("/proc/net/dev"));
    assertThat(links).noneMatch(link -> devices.contains(link + ":"));
    final String named = run(List.of("sh", "-c", "ls -i /run/netns 2>/dev/null || true"));
    assertThat(namespaces).noneMatch(inode -> named.contains(inode + " "));
  }

  /**
   * A datagram that gets there is answered, by ICMP, since nobody listens: so this tells who is
   * there.
   */
  static boolean answers(NetworkNamespace from, String address) throws Exception {
    return from.<Boolean, Exception>call(
        () -> {
          try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(5_000);
            socket.connect(Addresses.parse(address), 9);
            socket.send(new DatagramPacket(new byte[10], 10));
            socket.receive(new DatagramPacket(new byte[10], 10));
            return false;
          } catch (PortUnreachableException e) {
            return true;
          } catch (SocketTimeoutException e) {
            return false;
          }
        });
  }

  /** A lab, or the reason for skipping the test. */
  static Lab lab() throws Exception {
    Privileges.require();
    return Lab.open();
  }
}
