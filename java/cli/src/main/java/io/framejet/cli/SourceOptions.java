package io.framejet.cli;

import io.framejet.sweep.Sweep;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --source}. */
final class SourceOptions {
  @Option(
      names = "--source",
      paramLabel = "ADDRESS",
      converter = Converters.OfIpv4.class,
      description = {
        "The address to ask from (default: the link's own).",
        "It may be one of the link's subnet that nobody has: that is asked first, and ARP requests for it are"
            + " answered during the sweep. The kernel, which does not own it, then leaves the answers alone; no"
            + " firewall rule is touched."
      })
  @Nullable Integer source;

  void applyTo(Sweep.Builder sweep) {
    if (source != null) {
      sweep.source(source);
    }
  }
}
