package io.framejet.cli;

import io.framejet.cli.process.Interrupts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry point of the {@code framejet} command. */
@Command(
    name = "framejet",
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
  // it is none of
  // these (help, completion, a typing error), all are.
  static CommandLine commandLine(String first, String second) {
    CommandLine line = new CommandLine(new Main());
    if (!add(first, second, commands(), line)) {
      line.addSubcommand("help", new HelpCommand());
      line.addSubcommand("generate-completion", new GenerateCompletion());
    }
    return line.setExecutionExceptionHandler(Faults::handle)
        .setParameterExceptionHandler(Faults::usage)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false);
  }

  /** Adds the one command of that name, or else all; whether it was one. */
  private static boolean add(
      String name, String second, Map<String, Supplier<Object>> commands, CommandLine to) {
    Supplier<Object> only = commands.get(name);
    if (only == null) {
      commands.forEach((each, command) -> add(each, "", Map.of(each, command), to));
      return false;
    }
    CommandLine added = new CommandLine(only.get());
    if (name.equals(SweepCommand.NAME)) {
      add(second, "", SweepCommand.kinds(), added);
    }
    to.addSubcommand(name, added);
    return true;
  }

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("demo", DemoCommand::new);
    commands.put(SweepCommand.NAME, SweepCommand::new);
    commands.put("send", SendCommand::new);
    commands.put("capture", CaptureCommand::new);
    commands.put("replay", ReplayCommand::new);
    commands.put("resolve", ResolveCommand::new);
    commands.put("emulate", EmulateCommand::new);
    commands.put("neighbors", NeighborsCommand::new);
    commands.put("links", LinksCommand::new);
    commands.put("routes", RoutesCommand::new);
    commands.put("bench", BenchCommand::new);
    commands.put("doctor", DoctorCommand::new);
    return commands;
  }
}
