package io.framejet.cli;

import io.framejet.cli.process.Interrupts;

/** What the process exits with; a contract with scripts. */
final class ExitCode {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int PERMISSION = 3;
  static final int INTERRUPTED = Interrupts.EXIT_CODE;

  private ExitCode() {}
}
