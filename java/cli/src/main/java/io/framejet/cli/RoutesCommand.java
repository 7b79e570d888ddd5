package io.framejet.cli;

import io.framejet.cli.output.Table;
import io.framejet.frame.Ipv4;
import io.framejet.link.NetworkNamespace;
import io.framejet.link.Route;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code framejet routes}. */
@Command(
    name = "routes",
    addMethodSubcommands = false,
    description = "Lists the routes, or tells the one that leads to an address.",
    sortOptions = false)
final class RoutesCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ADDRESS",
      arity = "0..1",
      description = "Only the route that the kernel takes to it.")
  @Nullable String address;

  @Mixin NamespaceOption namespace;

  @Mixin FormatOption format;

  @Spec CommandSpec spec;

  RoutesCommand() {}

  @Override
  public Integer call() throws Exception {
    InetAddress destination = address == null ? null : parse(address);
    NetworkNamespace in = namespace.open();
    List<Route> routes = destination == null ? Route.all(in) : List.of(Route.to(destination, in));
    Table table = new Table("destination", "link", "gateway", "source", "metric");
    for (Route route : routes) {
      table.row(
          route.destination(),
          route.link().name(),
          text(route.gateway()),
          text(route.source()),
          route.metric());
    }
    table.print(format.format);
    return ExitCode.DONE;
  }

  // A name would be looked up in the DNS: only addresses are let through.
  private InetAddress parse(String text) throws java.net.UnknownHostException {
    if (text.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      return InetAddress.getByName(text);
    }
    try {
      return Ipv4.toInet(Ipv4.parse(text));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static String text(@Nullable InetAddress address) {
    return address == null ? "" : address.getHostAddress().replaceFirst("%.*", "");
  }
}
