package io.framejet.cli;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.cli.output.BrokenPipeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one readable line on stderr and an exit code. */
final class Faults implements IExecutionExceptionHandler, IParameterExceptionHandler {
  Faults() {}

  static boolean debug(CommandLine line) {
    Object root = line.getCommandSpec().root().userObject();
    return (root instanceof Main main && main.debug) || System.getenv("FRAMEJET_DEBUG") != null;
  }

  @Override
  public int handleExecutionException(Exception fault, CommandLine line, ParseResult parsed) {
    if (fault instanceof ParameterException wrong) {
      return handleParseException(wrong, parsed.originalArgs().toArray(String[]::new));
    }
    if (fault instanceof BrokenPipeException) {
      // Whoever read the results has seen enough, as in `framejet ... | head`.
      return ExitCode.DONE;
    }
    PrintWriter err = line.getErr();
    if (debug(line)) {
      fault.printStackTrace(err);
    }
    err.println("framejet: " + message(fault));
    err.flush();
    return fault instanceof FramejetException named && named.code() == ErrorCode.PERMISSION_DENIED
        ? ExitCode.PERMISSION
        : ExitCode.FAILED;
  }

  @Override
  public int handleParseException(ParameterException wrong, String[] args) {
    CommandLine line = wrong.getCommandLine();
    PrintWriter err = line.getErr();
    if (debug(line)) {
      wrong.printStackTrace(err);
    }
    String name = line.getCommandSpec().qualifiedName();
    if (args.length == 0) {
      line.usage(err);
      return ExitCode.USAGE;
    }
    err.println("framejet: " + wrong.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(wrong, err)) {
      err.println("Try '" + name + " --help'.");
    }
    err.flush();
    return ExitCode.USAGE;
  }

  private static String message(Exception fault) {
    if (fault instanceof FileSystemException file) {
      String reason = file.getReason();
      return file.getFile() + ": " + (reason == null ? describe(file) : reason);
    }
    if (fault instanceof IOException && fault.getMessage() != null) {
      return fault.getMessage();
    }
    return "internal error, please report it (--debug shows where): " + fault;
  }

  private static String describe(FileSystemException fault) {
    return switch (fault.getClass().getSimpleName()) {
      case "NoSuchFileException" -> "no such file or folder";
      case "AccessDeniedException" -> "permission denied";
      default -> fault.getClass().getSimpleName();
    };
  }
}
