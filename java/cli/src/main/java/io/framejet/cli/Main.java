package io.framejet.cli;

import io.framejet.cli.process.Interrupts;
import java.util.List;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry point of the {@code framejet} command. */
@Command(
    name = "framejet",
    addMethodSubcommands = false,
    description = {"Injects raw frames, and finds out who answers.%n"},
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:done",
      " 1:failed",
      " 2:wrong usage; nothing was sent",
      " 3:permission denied; the message says what to grant",
      "130:interrupted; partial results were written"
    })
public final class Main {
  /**
   * java.sql and java.time: picocli looks for their methods at each start, and no option uses them.
   */
  static final String UNUSED_CONVERTERS = "java.[st].*";

  private static final List<String> COMMANDS =
      List.of(
          "demo",
          SweepCommand.NAME,
          "send",
          "capture",
          "replay",
          "resolve",
          "emulate",
          "neighbors",
          "links",
          "routes",
          "bench",
          "doctor");

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack of an error, and log more (also FRAMEJET_DEBUG=1).")
  boolean debug;

  Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    Interrupts.install();
    int code = ExitCode.FAILED;
    try {
      code = commandLine(word(args, 0), word(args, 1)).execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "framejet: out of memory: give Java more (FRAMEJET_JAVA_OPTS=-Xmx1g), or sweep in shards");
    } catch (Error e) {
      System.err.println("framejet: internal error, please report it: " + e);
    } finally {
      Interrupts.exit(code);
    }
  }

  private static String word(String[] args, int index) {
    return index < args.length ? args[index] : "";
  }

  /** The command line with all its commands. */
  static CommandLine commandLine() {
    return commandLine("", "");
  }

  // Setting up a command takes a few ms, so that only the one that was asked for is set up. Where
  // it is none of these (help, completion, a typing error), all are.
  static CommandLine commandLine(String first, String second) {
    System.setProperty("picocli.converters.excludes", UNUSED_CONVERTERS);
    CommandLine line = new CommandLine(new Main());
    if (COMMANDS.contains(first)) {
      add(first, second, line);
    } else {
      for (String each : COMMANDS) {
        add(each, "", line);
      }
      line.addSubcommand("help", new HelpCommand());
      line.addSubcommand("generate-completion", new GenerateCompletion());
    }
    Faults faults = new Faults();
    return line.setExecutionExceptionHandler(faults)
        .setParameterExceptionHandler(faults)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false);
  }

  private static void add(String name, String second, CommandLine to) {
    CommandLine added = new CommandLine(command(name));
    if (name.equals(SweepCommand.NAME)) {
      SweepCommand.addKinds(second, added);
    }
    to.addSubcommand(name, added);
  }

  // No map of constructors: a start from cold pays for each of a dozen lambdas.
  private static Object command(String name) {
    return switch (name) {
      case "demo" -> new DemoCommand();
      case SweepCommand.NAME -> new SweepCommand();
      case "send" -> new SendCommand();
      case "capture" -> new CaptureCommand();
      case "replay" -> new ReplayCommand();
      case "resolve" -> new ResolveCommand();
      case "emulate" -> new EmulateCommand();
      case "neighbors" -> new NeighborsCommand();
      case "links" -> new LinksCommand();
      case "routes" -> new RoutesCommand();
      case "bench" -> new BenchCommand();
      case "doctor" -> new DoctorCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }
}
