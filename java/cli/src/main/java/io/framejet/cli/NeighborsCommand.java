package io.framejet.cli;

import io.framejet.cli.output.Table;
import io.framejet.cli.process.Interrupts;
import io.framejet.link.Link;
import io.framejet.link.LinkNeighbor;
import io.framejet.link.NetworkNamespace;
import io.framejet.neighbor.Neighbors;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code framejet neighbors}. */
@Command(
    name = "neighbors",
    addMethodSubcommands = false,
    description = "Lists the kernel's neighbors: which address is at which MAC. Sends nothing.",
    sortOptions = false)
final class NeighborsCommand implements Callable<Integer> {
  private static final long LOOK_MILLIS = 200;

  @Option(
      names = {"-i", "--link"},
      paramLabel = "LINK",
      description = "Only those of this link.")
  @Nullable String name;

  @Option(
      names = "--watch",
      description = "Go on, and show what changes, until interrupted; looks five times a second.")
  boolean watch;

  @Mixin NamespaceOption namespace;

  @Mixin FormatOption format;

  NeighborsCommand() {}

  @Override
  public Integer call() throws Exception {
    NetworkNamespace in = namespace.open();
    Neighbors neighbors = name == null ? Neighbors.of(in) : Neighbors.of(Link.find(name, in));
    return watch ? watch(neighbors) : list(neighbors);
  }

  private int list(Neighbors neighbors) throws IOException {
    Table table = new Table("address", "mac", "state", "link", "note");
    for (LinkNeighbor neighbor : neighbors.list()) {
      table.row(
          InetAddresses.text(neighbor.address()),
          mac(neighbor),
          neighbor.state().label(),
          neighbor.link().name(),
          note(neighbor));
    }
    table.print(format.format);
    return ExitCode.DONE;
  }

  private int watch(Neighbors neighbors) throws IOException, InterruptedException {
    Thread watching = Thread.currentThread();
    try (Interrupts.Registration registration = Interrupts.onInterrupt(watching::interrupt)) {
      boolean header = true;
      while (true) {
        show(neighbors, header);
        header = false;
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      if (Interrupts.interrupted()) {
        return ExitCode.INTERRUPTED;
      }
      throw e;
    }
  }

  private void show(Neighbors neighbors, boolean header) throws IOException {
    Table table = new Table("change", "address", "mac", "state", "link", "note");
    boolean any = false;
    for (Neighbors.Change change : neighbors.changes()) {
      LinkNeighbor neighbor = change.neighbor();
      table.row(
          change.kind().name().toLowerCase(Locale.ROOT),
          InetAddresses.text(neighbor.address()),
          mac(neighbor),
          neighbor.state().label(),
          neighbor.link().name(),
          note(neighbor));
      any = true;
    }
    if (header) {
      table.print(format.format);
    } else if (any) {
      table.printRows(format.format);
    }
  }

  private static String mac(LinkNeighbor neighbor) {
    return neighbor.mac() == null ? "" : neighbor.mac().toString();
  }

  private static String note(LinkNeighbor neighbor) {
    return neighbor.router() ? "router" : "";
  }
}
