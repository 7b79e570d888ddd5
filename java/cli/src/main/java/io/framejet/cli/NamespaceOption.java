package io.framejet.cli;

import io.framejet.FramejetException;
import io.framejet.link.NetworkNamespace;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --netns}. */
final class NamespaceOption {
  @Option(
      names = "--netns",
      paramLabel = "NAME|PATH",
      description =
          "The network namespace: a name of 'ip netns', or a path such as /proc/PID/ns/net.")
  @Nullable String netns;

  NetworkNamespace open() throws FramejetException {
    return netns == null ? NetworkNamespace.current() : NetworkNamespace.of(netns);
  }
}
