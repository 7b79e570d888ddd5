package io.framejet.cli;

import io.framejet.BackendStatus;
import io.framejet.FramejetException;
import io.framejet.cli.output.Format;
import io.framejet.cli.output.Table;
import io.framejet.cli.process.Capabilities;
import io.framejet.cli.process.Capabilities.Capability;
import io.framejet.cli.process.UserNamespace;
import io.framejet.inject.Backends;
import io.framejet.link.Link;
import io.framejet.link.NetworkNamespace;
import io.framejet.receive.ReceiveBackends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code framejet doctor}. */
@Command(
    name = "doctor",
    addMethodSubcommands = false,
    description = {
      "Tells what works here: each backend for injecting and receiving, or why not and what would help.",
      "Opens and closes sockets; sends nothing.%n"
    },
    sortOptions = false)
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = {"-i", "--link"},
      paramLabel = "LINK",
      description = "The link to try (default: the first Ethernet link that is up).")
  @Nullable String name;

  @Mixin NamespaceOption namespace;

  DoctorCommand() {}

  @Override
  public Integer call() throws Exception {
    system();
    NetworkNamespace in = namespace.open();
    Link link = name == null ? firstUsable(in) : Link.find(name, in);
    if (link == null) {
      System.out.println("link          none: no Ethernet link is up here; name one with -i");
      return ExitCode.FAILED;
    }
    System.out.println(
        "link          "
            + link.name()
            + ", "
            + LinksCommand.kind(link)
            + ", "
            + LinksCommand.state(link));
    System.out.println();
    return backends(link);
  }

  private static int backends(Link link) throws IOException {
    List<BackendStatus> all = new ArrayList<>(Backends.check(link));
    List<BackendStatus> receiving = ReceiveBackends.check(link);
    boolean injects = all.stream().anyMatch(BackendStatus::available);
    boolean receives = receiving.stream().anyMatch(BackendStatus::available);
    all.addAll(receiving);
    Table table = new Table("backend", "role", "available", "why_not");
    for (BackendStatus status : all) {
      String role = status.role() == BackendStatus.Role.INJECT ? "inject" : "receive";
      table.row(status.backend().label(), role, status.available(), status.reason());
    }
    table.print(Format.TABLE);
    if (injects) {
      System.out.println();
      auto(link, Backends.Job.FEW_FRAMES);
      auto(link, Backends.Job.STREAM);
    }
    all.stream()
        .filter(status -> !status.remedy().isEmpty())
        .map(status -> status.backend().label() + ": " + status.remedy())
        .distinct()
        .forEach(remedy -> System.out.println("what would help: " + remedy));
    return injects && receives ? ExitCode.DONE : ExitCode.FAILED;
  }

  private static void auto(Link link, Backends.Job job) throws FramejetException {
    System.out.println("auto takes " + Backends.choose(link, job, 0).reason());
  }

  private static @Nullable Link firstUsable(NetworkNamespace in) throws FramejetException {
    return Link.all(in).stream()
        .filter(
            link ->
                link.hasEthernetHeader() && !link.isLoopback() && link.isUp() && link.hasCarrier())
        .findFirst()
        .orElse(null);
  }

  private static void system() throws IOException {
    line("framejet", Version.text());
    line(
        "java",
        property("java.version")
            + " ("
            + property("java.vendor")
            + ", "
            + property("java.home")
            + ")");
    line("kernel", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
    Capabilities held = Capabilities.held();
    String name = "capabilities";
    for (Capability capability : Capability.values()) {
      String has = held.has(capability) ? " held      " : " not held  ";
      line(name, String.format("%-14s%s(%s)", capability, has, capability.use()));
      name = "";
    }
    String obstacle = UserNamespace.obstacle();
    line(
        "demo", obstacle == null ? "works for ordinary users too" : "takes root here: " + obstacle);
  }

  private static void line(String name, String value) {
    System.out.println(name + " ".repeat(14 - name.length()) + value);
  }

  private static String property(String name) {
    return System.getProperty(name, "?");
  }
}
