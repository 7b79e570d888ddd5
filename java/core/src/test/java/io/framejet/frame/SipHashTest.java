package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SipHashTest {
  /** The authors' vectors: key and messages 00 01 02 …, the hashes little-endian. */
  private static final String[] VECTORS = {
    "310e0edd47db6f72 fd67dc93c539f874 5a4fa9d909806c0d 2d7efbd796666785",
    "b7877127e09427cf 8da699cd64557618 cee3fe586e46c9cb 37d1018bf50002ab",
    "6224939a79f5f593 b0e4a90bdf82009e f3b9dd94c5bb5d7a a7ad6b22462fb3f4",
    "fbe50e86bc8f1e75 903d84c02756ea14 eef27a8e90ca23f7 e545be4961ca29a1",
    "db9bc2577fcc2a3f 9447be2cf5e99a69 9cd38d96f0b3c14b bd6179a71dc96dbb",
    "98eea21af25cd6be c7673b2eb0cbf2d0 883ea3e395675393 c8ce5ccd8c030ca8",
    "94af49f6c650adb8 eab8858ade92e1bc f315bb5bb835d817 adcf6b0763612e2f",
    "a5c91da7acaa4dde 716595876650a2a6 28ef495c53a387ad 42c341d8fa92d832",
    "ce7cf2722f512771 e37859f94623f3a7 381205bb1ab0e012 ae97a10fd434e015",
    "b4a31508beff4d31 81396229f0907902 4d0cf49ee5d4dcca 5c73336a76d8bf9a",
    "d0a704536ba93e0e 925958fcd6420cad a915c29bc8067318 952b79f3bc0aa6d4",
    "f21df2e41d4535f9 87577519048f53a9 10a56cf5dfcd9adb eb75095ccd986cd0",
    "51a9cb9ecba312e6 96afadfc2ce666c7 72fe52975a4364ee 5a1645b276d592a1",
    "b274cb8ebf87870a 6f9bb4203de7b381 eaecb2a30b22a87f 9924a43cc1315724",
    "bd838d3aafbf8db7 0b1a2a3265d51aea 135079a3231ce660 932b2846e4d70666",
    "e1915f5cb1eca46c f325965ca16d629f 575ff28e60381be5 724506eb4c328a95"
  };

  private static byte[] counting(int length) {
    final byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  @Test
  void shouldGiveTheHashesOfItsAuthors() {
    final SipHash hash = SipHash.of(counting(16));
    final String[] expected = String.join(" ", VECTORS).split(" ");
    assertThat(expected).hasSize(64);
    for (int length = 0; length < expected.length; length++) {
      final long little = Long.reverseBytes(hash.hash(counting(length)));
      assertThat(String.format("%016x", little))
          .as("length %s", length)
          .isEqualTo(expected[length]);
    }
    // The example of the paper, appendix A.
    assertThat(hash.hash(counting(15))).isEqualTo(0xa129_ca61_49be_45e5L);
  }

  @Test
  void shouldMakeCookiesOfAddressAndPort() {
    final Random random = new Random(3);
    for (int i = 0; i < 1000; i++) {
      final SipHash hash = new SipHash(random.nextLong(), random.nextLong());
      final int port = random.nextInt(0x10000);
      final int ipv4 = random.nextInt();
      final ByteBuffer four = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
      four.putInt(0, ipv4).putShort(4, (short) port);
      assertThat(hash.cookie(0, ipv4 & 0xffff_ffffL, port)).isEqualTo(hash.hash(four.array()));
      final long high = random.nextLong();
      final long low = random.nextLong();
      final ByteBuffer six = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
      six.putLong(0, high).putLong(8, low).putShort(16, (short) port);
      assertThat(hash.cookie(high, low, port)).isEqualTo(hash.hash(six.array()));
    }
  }

  @Test
  void shouldTellTargetsApartInEveryHalf() {
    final SipHash hash = new SipHash(1, 2);
    final Set<Integer> upper = new HashSet<>();
    final Set<Integer> lower = new HashSet<>();
    final int count = 4096;
    for (int i = 0; i < count; i++) {
      final long cookie = hash.cookie(0, 0x0a4d_0000L + i / 16, i % 16);
      upper.add((int) (cookie >>> 32));
      lower.add((int) cookie);
    }
    assertThat(upper).hasSize(count);
    assertThat(lower).hasSize(count);
  }

  @Test
  void shouldTakeAnotherKeyEachTimeAndNotTellIt() {
    final SipHash hash = SipHash.random();
    assertThat(hash.key0()).isNotEqualTo(SipHash.random().key0());
    assertThat(new SipHash(hash.key0(), hash.key1()).cookie(0, 1, 2))
        .isEqualTo(hash.cookie(0, 1, 2));
    assertThat(hash).hasToString("SipHash-2-4");
    assertThatThrownBy(() -> SipHash.of(new byte[15]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("keyLength=15: 16");
  }
}
