package io.framejet.cli;

import io.framejet.cli.output.Table;
import io.framejet.link.Link;
import io.framejet.link.LinkAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code framejet links}. */
@Command(
    name = "links",
    addMethodSubcommands = false,
    description = "Lists the links of this machine or of a network namespace.",
    sortOptions = false)
final class LinksCommand implements Callable<Integer> {
  @Mixin NamespaceOption namespace;

  @Mixin FormatOption format;

  LinksCommand() {}

  @Override
  public Integer call() throws Exception {
    Table table = new Table("index", "name", "kind", "state", "mac", "mtu", "addresses");
    for (Link link : Link.all(namespace.open())) {
      List<String> addresses = new ArrayList<>();
      for (LinkAddress address : link.addresses()) {
        addresses.add(
            address.address().getHostAddress().replaceFirst("%.*", "")
                + "/"
                + address.prefixLength());
      }
      table.row(
          link.index(), link.name(), kind(link), state(link), mac(link), link.mtu(), addresses);
    }
    table.print(format.format);
    return ExitCode.DONE;
  }

  static String kind(Link link) {
    if (link.isLoopback()) {
      return "loopback";
    }
    if (!link.kind().isEmpty()) {
      return link.kind();
    }
    return link.hasEthernetHeader() ? "ethernet" : "";
  }

  static String state(Link link) {
    if (!link.isUp()) {
      return "down";
    }
    return link.hasCarrier() ? "up" : "no carrier";
  }

  private static String mac(Link link) {
    return link.hasEthernetHeader() && !link.isLoopback() ? link.mac().toString() : "";
  }
}
