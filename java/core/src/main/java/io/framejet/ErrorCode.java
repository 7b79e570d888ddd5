package io.framejet;

/** What went wrong, in terms of what a caller can do about it: one cause, one code. */
public enum ErrorCode {
  /** The link is set down, or has no carrier. Sending resumes by itself once it is up again. */
  LINK_DOWN,
  /** The link no longer exists. A new link of the same name has to be opened anew. */
  LINK_GONE,
  /** There is no link of that name or index. */
  LINK_NOT_FOUND,
  /** There is no network namespace of that name or path. */
  NAMESPACE_NOT_FOUND,
  /** The routing table has no way to that address. */
  NO_ROUTE,
  /** A frame is longer than the link or the slot takes; nothing of its batch was sent. */
  FRAME_TOO_LARGE,
  /** A frame is shorter than a link-layer header; nothing of its batch was sent. */
  MALFORMED_FRAME,
  /** A capture filter could not be compiled. */
  INVALID_FILTER,
  /** A capability is missing; the message names it and says how to grant it. */
  PERMISSION_DENIED,
  /** The limit on locked memory is too low; the message gives the bytes needed and allowed. */
  MEMLOCK_LIMIT,
  /** The kernel has no memory for a ring, not even for a small one. */
  OUT_OF_MEMORY,
  /** Out of descriptors or of another countable resource; nothing was leaked. */
  RESOURCE_EXHAUSTED,
  /** Another XDP program, or another's AF_XDP socket, has the link and was left alone. */
  XDP_BUSY,
  /** This kernel, link, platform or installation cannot do it; the message says why. */
  NOT_SUPPORTED,
  /** The native library could not be loaded. */
  NATIVE_LOAD_FAILED,
  /** The extracted native library is not the one that was bundled. */
  NATIVE_INTEGRITY,
  /** Used after {@code close()}. */
  CLOSED,
  /** No answer came in time. */
  TIMEOUT,
  /** A capture file is malformed or cut off; the frames before are valid. */
  CAPTURE_FORMAT,
  /** The kernel refused for a reason that has no code of its own: see {@code errno()}. */
  SYSTEM_ERROR
}
