package io.framejet.testing;

import io.framejet.FramejetException;
import io.framejet.link.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** tcpdump, capturing what comes in at a link into a file. */
public final class Tcpdump implements AutoCloseable {
  private final Running running;
  private final Path file;

  private Tcpdump(Running running, Path file) {
    this.running = running;
    this.file = file;
  }

  /** Starts to capture what comes in; once this returns, no frame is missed. */
  public static Tcpdump on(String link, NetworkNamespace namespace, Path file)
      throws FramejetException {
    return on(link, "in", namespace, file);
  }

  /** Starts to capture what goes out. */
  public static Tcpdump onOutgoing(String link, NetworkNamespace namespace, Path file)
      throws FramejetException {
    return on(link, "out", namespace, file);
  }

  private static Tcpdump on(String link, String direction, NetworkNamespace namespace, Path file)
      throws FramejetException {
    Running running =
        Command.of(
                "tcpdump",
                "-i",
                link,
                "-Q",
                direction,
                "-n",
                "-U",
                "-B",
                "65536",
                "-Z",
                "root",
                "-w",
                file.toString())
            .in(namespace)
            .start();
    running.awaitText("listening on");
    return new Tcpdump(running, file);
  }

  /** Waits until {@code count} frames are in the file, ends tcpdump, and gives all of them. */
  public List<byte[]> await(int count) throws IOException {
    Wait.until(() -> complete() >= count, "tcpdump to write " + count + " frames");
    running.signal("INT");
    running.await(Duration.ofSeconds(20));
    return PcapFile.read(file);
  }

  private int complete() {
    try {
      return PcapFile.read(file).size();
    } catch (IOException | IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
      return 0; // in the middle of a frame
    }
  }

  @Override
  public void close() {
    running.close();
  }
}
