package io.framejet.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012): who does not know the key can tell neither the hash of a message from those of others, nor
 * the key. Immutable, and so thread-safe.
 *
 * <p>A <em>cookie</em> is the hash of a probe's target. A probe carries bits of it, its answer
 * brings them back, and so nothing has to be kept to know that an answer is no forgery.
 */
public final class SipHash {
  /** Bytes of a key. */
  public static final int KEY_LENGTH = 16;

  private static final byte[] NOTHING = {};
  private static final long UNSIGNED = 0xffff_ffffL;
  private static final int ROUNDS = 2;
  private static final int STEPS_OF_LAST_WORD_AND_END = 3;

  private final long key0;
  private final long key1;

  /**
   * The function of a key.
   *
   * @param key0 the first 8 bytes of the key as a little-endian number
   * @param key1 its last 8 bytes
   */
  public SipHash(long key0, long key1) {
    this.key0 = key0;
    this.key1 = key1;
  }

  /** The function of a key that nobody can guess. */
  public static SipHash random() {
    final byte[] key = new byte[KEY_LENGTH];
    new SecureRandom().nextBytes(key);
    return of(key);
  }

  /**
   * The function of a key.
   *
   * @throws IllegalArgumentException if it does not have {@link #KEY_LENGTH} bytes
   */
  public static SipHash of(byte[] key) {
    if (key.length != KEY_LENGTH) {
      throw new IllegalArgumentException("keyLength=" + key.length + ": " + KEY_LENGTH);
    }
    final ByteBuffer bytes = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    return new SipHash(bytes.getLong(0), bytes.getLong(8));
  }

  /** The first 8 bytes of the key as a little-endian number. */
  public long key0() {
    return key0;
  }

  /** The last 8 bytes of the key as a little-endian number. */
  public long key1() {
    return key1;
  }

  /** The hash of a message of any length, as the reference code gives it: a number. */
  public long hash(byte[] message) {
    final int words = message.length >>> 3;
    long last = (long) message.length << 56;
    for (int i = words << 3; i < message.length; i++) {
      last |= (message[i] & 0xffL) << ((i & 7) << 3);
    }
    return run(message, words, 0, 0, last);
  }

  /**
   * The cookie of a target: the hash of 6 bytes for IPv4, of 18 for IPv6. They are the address as a
   * little-endian number of 4 bytes, or as two of 8, the high one first; then the port as one of 2.
   *
   * <p>Allocates nothing.
   *
   * @param high an IPv6 address's first 8 bytes, see {@link Ipv6Address} for the form; 0 for IPv4
   * @param low its last 8 bytes, or the low 32 bits are an IPv4 address and the others 0
   * @param port 0 to 65535
   */
  public long cookie(long high, long low, int port) {
    if (high == 0 && low >>> 32 == 0) {
      return run(NOTHING, 0, 0, 0, 6L << 56 | (long) port << 32 | (low & UNSIGNED));
    }
    return run(NOTHING, 2, high, low, 18L << 56 | port);
  }

  /**
   * All of it, in steps of one word and two rounds: the words of the message, {@code last}, which
   * holds what is left over and the length, and two steps to end with.
   *
   * @param message or nothing, and then {@code first} and {@code second} are its words
   */
  private long run(byte[] message, int words, long first, long second, long last) {
    long v0 = key0 ^ 0x736f_6d65_7073_6575L;
    long v1 = key1 ^ 0x646f_7261_6e64_6f6dL;
    long v2 = key0 ^ 0x6c79_6765_6e65_7261L;
    long v3 = key1 ^ 0x7465_6462_7974_6573L;
    for (int step = 0; step < words + STEPS_OF_LAST_WORD_AND_END; step++) {
      long word = 0;
      if (step < words) {
        word = message.length > 0 ? word(message, step) : step == 0 ? first : second;
      } else if (step == words) {
        word = last;
      } else if (step == words + 1) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      for (int round = 0; round < ROUNDS; round++) {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32) + v3;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= word;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private static long word(byte[] message, int index) {
    long word = 0;
    for (int i = 7; i >= 0; i--) {
      word = word << 8 | (message[(index << 3) + i] & 0xffL);
    }
    return word;
  }

  /** Does not tell the key. */
  @Override
  public String toString() {
    return "SipHash-2-4";
  }
}
