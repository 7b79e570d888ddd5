package io.framejet.probe;

/** What an answer says of its target. */
public enum ReplyState {
  /** The host answers. */
  UP,
  /** The port takes connections, or its service answered. */
  OPEN,
  /** The host answers, and nobody listens on the port. */
  CLOSED,
  /** Somebody on the way, or the host's own filter, says that the port may not be asked. */
  FILTERED,
  /** Somebody on the way, or the host, says that the question did not get there. */
  UNREACHABLE
}
