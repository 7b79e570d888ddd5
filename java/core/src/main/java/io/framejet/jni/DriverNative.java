package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/** What a link's driver tells of itself, as {@code native/jni/driver_native.c} binds it. */
public final class DriverNative {
  /** Bytes of each name, one that ends it included: driver, version, bus. */
  public static final int NAME_ROOM = 32;

  /** How many names there are. */
  public static final int NAMES = 3;

  /** Positions of the numbers; one is -1 when the driver does not tell. */
  public static final int SPEED_MBPS = 0;

  public static final int TX_QUEUES = 1;
  public static final int RX_QUEUES = 2;
  public static final int TX_RING = 3;
  public static final int RX_RING = 4;

  /** Bits, in the order of {@code enum fj_offload}. */
  public static final int OFFLOADS = 5;

  /** How many numbers there are. */
  public static final int NUMBERS = 6;

  private DriverNative() {}

  /**
   * Asks the driver.
   *
   * @param names gets {@link #NAMES} times {@link #NAME_ROOM} bytes
   * @param numbers gets {@link #NUMBERS} numbers
   * @return 0, or a negative errno
   */
  public static native int ask(@Nullable String netns, int ifindex, byte[] names, long[] numbers);
}
