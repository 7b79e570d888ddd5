package io.framejet.frame;

/** Numbers of the operation field of an ARP or RARP packet. */
public final class ArpOperation {
  /** Who has this IPv4 address? RFC 826. */
  public static final int REQUEST = 1;

  /** The answer to {@link #REQUEST}. RFC 826. */
  public static final int REPLY = 2;

  /** Which IPv4 address belongs to this MAC? RFC 903. */
  public static final int RARP_REQUEST = 3;

  /** The answer to {@link #RARP_REQUEST}. RFC 903. */
  public static final int RARP_REPLY = 4;

  private ArpOperation() {}

  /** In words, or the number when it is none of the above. */
  public static String name(int operation) {
    return switch (operation) {
      case REQUEST -> "request";
      case REPLY -> "reply";
      case RARP_REQUEST -> "RARP request";
      case RARP_REPLY -> "RARP reply";
      default -> Integer.toString(operation);
    };
  }
}
