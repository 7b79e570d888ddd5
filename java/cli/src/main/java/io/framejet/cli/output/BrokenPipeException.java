package io.framejet.cli.output;

import java.io.IOException;

/** Whoever read the results has stopped reading. */
public final class BrokenPipeException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokenPipeException(IOException cause) {
    super("nobody reads the results any more", cause);
  }

  /** {@code fault} as it is, or as a broken pipe if it is one; the JDK has no type for that. */
  public static IOException of(IOException fault) {
    String message = fault.getMessage();
    return message != null && message.contains("Broken pipe")
        ? new BrokenPipeException(fault)
        : fault;
  }
}
