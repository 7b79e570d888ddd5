package io.framejet.cli;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code -i LINK}, and where it is. */
final class LinkOptions {
  @Option(
      names = {"-i", "--link"},
      paramLabel = "LINK",
      required = true,
      description = "The link to use ('framejet links' lists them).")
  String name;

  @Mixin NamespaceOption namespace;

  Link find() throws FramejetException {
    return Link.find(name, namespace.open());
  }
}
