package io.framejet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.Ipv6Address;
import io.framejet.target.Ipv6TargetSet.Range;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6TargetSetTest {
  private static String addressAt(Ipv6TargetSet set, long index) {
    return Ipv6Address.of(set.highAt(index), set.lowAt(index)).toString();
  }

  private static long indexOf(Ipv6TargetSet set, String address) {
    final Ipv6Address parsed = Ipv6Address.parse(address);
    return set.indexOf(parsed.high(), parsed.low());
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8::1, 1, 2001:db8::1, 2001:db8::1",
    "2001:DB8::1:0/112, 65536, 2001:db8::1:0, 2001:db8::1:ffff",
    "2001:db8::1:7/112, 65536, 2001:db8::1:0, 2001:db8::1:ffff",
    "2001:db8::/96, 4294967296, 2001:db8::, 2001:db8::ffff:ffff",
    "2001:db8::1-ff, 255, 2001:db8::1, 2001:db8::ff",
    "2001:db8::1 - 2001:db8::2:0, 131072, 2001:db8::1, 2001:db8::2:0",
    "' 2001:db8::5-5 ', 1, 2001:db8::5, 2001:db8::5",
    "2001:db8:0:1:ffff:ffff:ffff:fff0-2001:db8:0:2::f, 32, 2001:db8:0:1:ffff:ffff:ffff:fff0,"
        + " 2001:db8:0:2::f",
    "fe80::1/128, 1, fe80::1, fe80::1",
    "64:ff9b::192.0.2.0/120, 256, 64:ff9b::c000:200, 64:ff9b::c000:2ff"
  })
  void shouldReadAddressesPrefixesAndRanges(String text, long size, String first, String last) {
    final Ipv6TargetSet set = Ipv6TargetSet.of(text);
    assertThat(set.size()).isEqualTo(size);
    assertThat(set.excluded()).isZero();
    assertThat(addressAt(set, 0)).isEqualTo(first);
    assertThat(addressAt(set, size - 1)).isEqualTo(last);
    assertThat(indexOf(set, first)).isZero();
    assertThat(indexOf(set, last)).isEqualTo(size - 1);
    assertThat(set.isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "10.0.0.1",
        "2001:db8::1%eth0",
        "2001:db8::1/129",
        "2001:db8::1/-1",
        "2001:db8::1/064",
        "2001:db8::1/4294967360",
        "2001:db8::1/24666666666666666",
        "::10000000000000001",
        "::ffff:010.0.0.1",
        "::ffff:0xa.0.0.1",
        "::ffff:10.1",
        "/64",
        "2001:db8::/112-2001:db8::1:0/112",
        "2001:db8::2-1",
        "2001:db8::1-",
        "-2001:db8::1",
        "2001:db8::1-12345",
        "2001:db8::1-2001:db8::2-2001:db8::3",
        "2001:db8:::1",
        "[2001:db8::1]",
        "2001:db8::*",
        "example.org"
      })
  void shouldRefuseEverythingElseSoThatAUserUnderstands(String text) {
    assertThatThrownBy(() -> Ipv6TargetSet.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not an IPv6 address, prefix or range: '" + text + "' (");
  }

  @Test
  void shouldRefuseMoreThanASweepGetsThrough() {
    for (String text : new String[] {"2001:db8::/64", "2001:db8::/95", "::-ffff::"}) {
      assertThatThrownBy(() -> Ipv6TargetSet.of(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("more than 2^32 addresses");
    }
    assertThatThrownBy(() -> Ipv6TargetSet.of("2001:db8::/96", "2001:db9::1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "all targets together: more than 2^32 addresses, which no sweep gets through; name"
                + " smaller ranges");
    // The same twice is not more.
    assertThat(Ipv6TargetSet.of("2001:db8::/96", "2001:db8::1", "2001:db8::/97").size())
        .isEqualTo(Ipv6TargetSet.MAX_SIZE);
    // What is excluded may be of any size.
    final Ipv6TargetSet set =
        Ipv6TargetSet.builder().add("2001:db8::/112").exclude("2001:db8::8000/113").build();
    assertThat(set.size()).isEqualTo(0x8000);
    assertThat(Ipv6TargetSet.builder().add("2001:db8::/112").exclude("::/0").build().isEmpty())
        .isTrue();
  }

  @Test
  void shouldNeverProbeWhatIsNoNode() {
    final Ipv6TargetSet set = Ipv6TargetSet.of("::-::3", "ff02::1", "::ffff:192.0.2.1", "feff::1");
    assertThat(set.ranges())
        .containsExactly(
            new Range(0, 2, 0, 3), new Range(0xfeff_0000_0000_0000L, 1, 0xfeff_0000_0000_0000L, 1));
    assertThat(set.excluded()).isEqualTo(4);
    assertThat(set).hasToString("3 targets, 4 excluded: ::2-::3, feff::1");
  }

  @Test
  void shouldAgreeWithABruteForceModel() {
    final Random random = new Random(9);
    // Around the place where a low half runs over.
    final BigInteger base = new BigInteger("20010db8000000070000000000000000", 16);
    for (int round = 0; round < 500; round++) {
      final Ipv6TargetSet.Builder builder = Ipv6TargetSet.builder();
      final TreeSet<Integer> added = new TreeSet<>();
      final TreeSet<Integer> excluded = new TreeSet<>();
      for (int i = random.nextInt(8); i >= 0; i--) {
        final boolean hole = random.nextInt(3) == 0;
        final int first = random.nextInt(400) - 200;
        final int last = first + random.nextInt(60);
        final Range range = range(base, first, last);
        if (hole) {
          builder.exclude(range);
        } else {
          builder.add(range);
        }
        for (int n = first; n <= last; n++) {
          (hole ? excluded : added).add(n);
        }
      }
      final Ipv6TargetSet set = builder.build();
      final TreeSet<Integer> left = new TreeSet<>(added);
      left.removeAll(excluded);
      assertThat(set.size()).isEqualTo(left.size());
      assertThat(set.excluded()).isEqualTo(added.size() - left.size());
      int index = 0;
      for (int n = -210; n < 300; n++) {
        final BigInteger address = base.add(BigInteger.valueOf(n));
        final long high = address.shiftRight(64).longValue();
        if (left.contains(n)) {
          assertThat(set.highAt(index)).isEqualTo(high);
          assertThat(set.lowAt(index)).isEqualTo(address.longValue());
          assertThat(set.indexOf(high, address.longValue())).isEqualTo(index);
          index++;
        } else {
          assertThat(set.contains(high, address.longValue())).isFalse();
        }
      }
      final long size = set.size();
      assertThatThrownBy(() -> set.lowAt(size)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> set.highAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
      for (int i = 1; i < set.ranges().size(); i++) {
        final Range before = set.ranges().get(i - 1);
        assertThat(set.ranges().get(i).firstLow() - before.lastLow()).isGreaterThan(1);
      }
    }
  }

  private static Range range(BigInteger base, int first, int last) {
    final BigInteger begin = base.add(BigInteger.valueOf(first));
    final BigInteger end = base.add(BigInteger.valueOf(last));
    return new Range(
        begin.shiftRight(64).longValue(),
        begin.longValue(),
        end.shiftRight(64).longValue(),
        end.longValue());
  }

  @Test
  void shouldMergeAtTheEndOfAllAddresses() {
    final Ipv6TargetSet set =
        Ipv6TargetSet.builder()
            .add("2001:db8::1")
            .exclude("ffff::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
            .exclude("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
            .build();
    assertThat(set.size()).isEqualTo(1);
    assertThat(set).isEqualTo(Ipv6TargetSet.of("2001:db8::1"));
    assertThat(set).hasSameHashCodeAs(Ipv6TargetSet.of("2001:db8::1"));
  }

  @Test
  void shouldReadFiles(@TempDir Path folder) throws IOException {
    final Path file = folder.resolve("targets");
    Files.writeString(file, "\ufeff2001:db8::/120 # all\n\n# none\n2001:db8::1:0-f\n");
    final Path holes = folder.resolve("holes");
    Files.writeString(holes, "2001:db8::1\nfe80::/10\n");
    final Ipv6TargetSet set = Ipv6TargetSet.builder().addFile(file).excludeFile(holes).build();
    assertThat(set.size()).isEqualTo(256 + 16 - 1);
    assertThat(set.excluded()).isEqualTo(1);
  }

  @Test
  void shouldNameFileAndLineOfAMistakeAndAddNothing(@TempDir Path folder) throws IOException {
    final Path file = folder.resolve("targets");
    Files.writeString(file, "2001:db8::1\nnonsense\n");
    final Ipv6TargetSet.Builder builder = Ipv6TargetSet.builder();
    assertThatThrownBy(() -> builder.addFile(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ":2: not an IPv6 address, prefix or range: 'nonsense'");
    assertThat(builder.build().isEmpty()).isTrue();
    Files.writeString(file, "2001:db8::/32\n");
    assertThatThrownBy(() -> builder.addFile(file))
        .hasMessageStartingWith(file + ":1: 2001:db8::-2001:db8:ffff:");
    assertThatThrownBy(() -> builder.addFile(folder.resolve("none")))
        .hasMessageEndingWith("there is no such file");
    assertThatThrownBy(() -> builder.excludeFile(folder))
        .hasMessageStartingWith("cannot read " + folder);
  }

  @Test
  void shouldRefuseARangeThatEndsBeforeItBegins() {
    assertThatThrownBy(() -> new Range(1, 0, 0, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("first=0:0:0:1:: comes after last=::5");
  }
}
