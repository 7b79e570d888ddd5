package io.framejet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetSetTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1, 1",
    "10.0.0.0/8, 10.0.0.0-10.255.255.255, 16777216",
    "10.1.2.3/24, 10.1.2.0-10.1.2.255, 256",
    "10.0.0.7/32, 10.0.0.7, 1",
    "10.0.0.6/31, 10.0.0.6-10.0.0.7, 2",
    "10.0.0.1-20, 10.0.0.1-10.0.0.20, 20",
    "10.0.0.1-10.0.1.20, 10.0.0.1-10.0.1.20, 276",
    "10.0.0.1 - 10.0.0.3, 10.0.0.1-10.0.0.3, 3",
    "10.0.0.5-5, 10.0.0.5, 1",
    "126.255.255.255-128.0.0.0, 126.255.255.255, 2",
    "223.255.255.0-255.255.255.255, 223.255.255.0-223.255.255.255, 256"
  })
  void shouldReadAddressesPrefixesAndRanges(String text, String first, long size) {
    final TargetSet set = TargetSet.of(text);
    assertThat(set.size()).isEqualTo(size);
    assertThat(set.ranges().get(0)).hasToString(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.01",
        "010.0.0.1",
        "0x0a000001",
        "167772161",
        "*",
        "10.*.0.1",
        "10.0.0.*",
        "10.0.0._",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/024",
        "10.0.0.0/4294967320",
        "10.0.0.0/24666666666666666",
        "4294967306.0.0.1",
        "/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/24-10.0.1.0",
        "10.0.0.1-",
        "-10.0.0.1",
        "10.0.0.1-256",
        "10.0.0.1-010",
        "10.0.0.1-9999999999",
        "10.0.0.9-1",
        "10.0.1.0-10.0.0.1",
        "1-2.0.0.1",
        "10.0.0.1-2-3",
        "10.0.0.1,2",
        "10.0.0.1 10.0.0.2",
        "localhost",
        "::1",
        "fe80::/64",
        "10.0.0.1%eth0",
        "10.0.0.1:80",
        "1.2.3.4.5"
      })
  void shouldRefuseEverythingElseSoThatAUserUnderstands(String text) {
    assertThatThrownBy(() -> TargetSet.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not an IPv4 address, prefix or range: '" + text.strip() + "' (");
  }

  @Test
  void shouldNeitherFillNorDriveATerminalWithAMessage() {
    assertThatThrownBy(() -> TargetSet.of("\u001b[2J" + "x".repeat(1000)))
        .hasMessageContaining("'?[2J" + "x".repeat(56) + "…'");
  }

  @Test
  void shouldNeverProbeWhatIsNoHost() {
    final TargetSet all = TargetSet.of("0.0.0.0/0");
    assertThat(all.ranges())
        .extracting(TargetSet.Range::toString)
        .containsExactly("1.0.0.0-126.255.255.255", "128.0.0.0-223.255.255.255");
    assertThat(all.excluded()).isEqualTo((2L << 24) + (2L << 28));
    assertThat(all.size() + all.excluded()).isEqualTo(1L << 32);
    assertThat(TargetSet.of("127.0.0.1").isEmpty()).isTrue();
    assertThat(TargetSet.of("127.0.0.1").excluded()).isEqualTo(1);
  }

  @Test
  void shouldLetExclusionsWinInAnyOrder() {
    final TargetSet set =
        TargetSet.builder()
            .exclude("10.0.0.0")
            .add("10.0.0.0/24")
            .exclude(0x0a00_00ff, 0x0a00_00ff)
            .add("10.0.0.0/25")
            .exclude("192.0.2.0/24")
            .build();
    assertThat(set.size()).isEqualTo(254);
    assertThat(set.excluded()).isEqualTo(2);
    assertThat(set).hasToString("254 targets, 2 excluded: 10.0.0.1-10.0.0.254");
  }

  @Test
  void shouldBeEmptyWithoutTargets() {
    final TargetSet set = TargetSet.builder().build();
    assertThat(set.isEmpty()).isTrue();
    assertThat(set.ranges()).isEmpty();
    assertThat(set.indexOf(0x0a00_0001)).isEqualTo(-1);
    assertThatThrownBy(() -> set.addressAt(0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("index=0 size=0");
  }

  @Test
  void shouldAgreeWithABruteForceModel() {
    final Random random = new Random(9);
    for (int round = 0; round < 400; round++) {
      // A universe of 256 addresses around the sign bit, where a signed comparison goes wrong.
      final int origin = 0x7fff_ff80;
      final BitSet asked = new BitSet();
      final BitSet banned = new BitSet();
      banned.set(0, 128); // 127.255.255.128 and up to the end of 127/8
      final TargetSet.Builder builder = TargetSet.builder();
      for (int i = random.nextInt(12); i > 0; i--) {
        final int first = random.nextInt(256);
        final int last = first + random.nextInt(Math.min(40, 256 - first));
        if (random.nextInt(3) > 0) {
          asked.set(first, last + 1);
          builder.add(origin + first, origin + last);
        } else {
          banned.set(first, last + 1);
          builder.exclude(origin + first, origin + last);
        }
      }
      final BitSet left = (BitSet) asked.clone();
      left.andNot(banned);
      assertAgrees(builder.build(), left, asked.cardinality(), origin);
    }
  }

  private static void assertAgrees(TargetSet set, BitSet left, int asked, int origin) {
    assertThat(set.size()).isEqualTo(left.cardinality());
    assertThat(set.excluded()).isEqualTo(asked - left.cardinality());
    int index = 0;
    for (int i = 0; i < 256; i++) {
      final int address = origin + i;
      assertThat(set.contains(address)).isEqualTo(left.get(i));
      assertThat(set.indexOf(address)).isEqualTo(left.get(i) ? index : -1);
      if (left.get(i)) {
        assertThat(set.addressAt(index++)).isEqualTo(address);
      }
    }
    long inRanges = 0;
    for (int i = 0; i < set.ranges().size(); i++) {
      final TargetSet.Range range = set.ranges().get(i);
      inRanges += range.size();
      if (i > 0) {
        final int before = set.ranges().get(i - 1).last();
        assertThat(Integer.compareUnsigned(range.first(), before + 1)).isPositive();
      }
    }
    assertThat(inRanges).isEqualTo(set.size());
  }

  @Test
  void shouldRoundTripIndexesOfLargeSets() {
    final TargetSet set =
        TargetSet.builder()
            .add("0.0.0.0/0")
            .exclude("10.0.0.0/8")
            .exclude("192.168.0.0/16")
            .build();
    final Random random = new Random(10);
    for (int i = 0; i < 10_000; i++) {
      final long index = (long) (random.nextDouble() * set.size());
      assertThat(set.indexOf(set.addressAt(index))).isEqualTo(index);
    }
    assertThat(set.addressAt(0)).isEqualTo(0x0100_0000);
    assertThat(set.addressAt(set.size() - 1)).isEqualTo(0xdfff_ffff);
    assertThat(set.contains(0x0a01_0203)).isFalse();
    assertThat(set.contains(0)).isFalse();
    assertThat(set.contains(-1)).isFalse();
  }

  @Test
  void shouldMergeWhatTouchesAndCompareEqual() {
    final TargetSet set = TargetSet.of("10.0.0.128/25", "10.0.0.0/25");
    assertThat(set.ranges()).hasSize(1);
    assertThat(set).isEqualTo(TargetSet.of("10.0.0.0/24"));
    assertThat(set).hasSameHashCodeAs(TargetSet.of("10.0.0.0/24"));
    assertThat(set).isNotEqualTo(TargetSet.of("10.0.0.0/23"));
  }

  @Test
  void shouldReadFiles(@TempDir Path folder) throws IOException {
    final Path targets = folder.resolve("targets.txt");
    Files.writeString(
        targets, "\ufeff# the lab\n10.0.0.0/30\r\n\n  10.0.1.1-3  # three of them\n\t# none\n");
    final Path exclusions = folder.resolve("exclude.txt");
    Files.write(
        exclusions, new byte[] {'#', (byte) 0xe9, '\n', '1', '0', '.', '0', '.', '0', '.', '0'});
    final TargetSet set = TargetSet.builder().addFile(targets).excludeFile(exclusions).build();
    assertThat(set.size()).isEqualTo(6);
    assertThat(set.excluded()).isEqualTo(1);
  }

  @Test
  void shouldNameFileAndLineOfAMistakeAndAddNothing(@TempDir Path folder) throws IOException {
    final Path file = folder.resolve("targets.txt");
    Files.writeString(file, "10.0.0.1\n\n10.0.0.300\n");
    final TargetSet.Builder builder = TargetSet.builder();
    assertThatThrownBy(() -> builder.addFile(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ":3: not an IPv4 address, prefix or range: '10.0.0.300'");
    assertThat(builder.build().isEmpty()).isTrue();
  }

  @Test
  void shouldSayWhyAFileCannotBeRead(@TempDir Path folder) {
    final Path file = folder.resolve("missing.txt");
    assertThatThrownBy(() -> TargetSet.builder().excludeFile(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot read " + file + ": there is no such file");
    assertThatThrownBy(() -> TargetSet.builder().addFile(folder))
        .hasMessageStartingWith("cannot read " + folder);
  }

  @Test
  void shouldRefuseARangeThatEndsBeforeItBegins() {
    assertThatThrownBy(() -> TargetSet.builder().add(2, 1))
        .hasMessage("first=0.0.0.2 comes after last=0.0.0.1");
    assertThatThrownBy(() -> TargetSet.builder().exclude(-1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldSayWhoSweepsIpv6() {
    assertThatThrownBy(() -> TargetSet.of("fe80::1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("swept by NDP");
  }
}
