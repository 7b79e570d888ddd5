package io.framejet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {
  @Test
  void shouldBeDisjointAndComplete() {
    for (int total = 0; total < 40; total++) {
      for (int count = 1; count < 12; count++) {
        final BitSet seen = new BitSet();
        long size = 0;
        for (int index = 1; index <= count; index++) {
          final Shard shard = new Shard(index, count);
          size += shard.size(total);
          assertThat(shard.size(total)).isBetween((long) total / count, (long) total / count + 1);
          for (long ordinal = 0; ordinal < shard.size(total); ordinal++) {
            final long position = shard.position(ordinal);
            assertThat(shard.contains(position)).isTrue();
            assertThat(position).isLessThan(total);
            seen.set((int) position);
          }
        }
        assertThat(size).isEqualTo(total);
        assertThat(seen.cardinality()).isEqualTo(total);
      }
    }
  }

  @Test
  void shouldHoldTheWholeOfIpv4() {
    assertThat(new Shard(3, 3).size(1L << 32)).isEqualTo(1_431_655_765L);
    assertThat(new Shard(1, 3).position(1_431_655_765L)).isEqualTo((1L << 32) - 1);
    assertThat(Shard.ALL.size(1L << 32)).isEqualTo(1L << 32);
  }

  @Test
  void shouldReadWhatItPrints() {
    assertThat(Shard.parse("1/4")).isEqualTo(new Shard(1, 4)).hasToString("1/4");
    assertThat(Shard.parse("1/1")).isEqualTo(Shard.ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "0/4", "5/4", "-1/4", "1/0", "0/0", "1/4/2", "a/b", "1/9999999999"})
  void shouldRefuseWhatIsNoShard(String text) {
    assertThatThrownBy(() -> Shard.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("like 1/4");
  }

  @Test
  void shouldRefuseAnIndexOutOfRange() {
    assertThatThrownBy(() -> new Shard(0, 4)).hasMessageContaining("index=0 count=4");
    assertThatThrownBy(() -> new Shard(5, 4)).isInstanceOf(IllegalArgumentException.class);
  }
}
