package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.Ipv4;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The questions of a sweep and their order. */
class TargetSpaceTest {
  private static final long UNSIGNED = 0xffff_ffffL;

  private static TargetSpace space(String targets, int ports, long seed, Shard shard) {
    int[] numbers = IntStream.range(0, ports).map(i -> 1 + i * 7 % 65_535).sorted().toArray();
    return new TargetSpace(Hosts.of(TargetSet.of(targets)), numbers, seed, shard);
  }

  private static String question(TargetSpace space, int cell) {
    return Ipv4.format((int) space.low(cell)) + ":" + space.port(cell);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 0",
    "10.0.0.1, 1",
    "10.0.0.1, 1000",
    "10.0.0.1, 65535",
    "10.0.0.0/24, 0",
    "10.0.0.0/24, 1",
    "10.0.0.0/24, 3",
    "10.0.0.0/28, 777",
    "10.0.0.1-10.0.1.13, 10"
  })
  void shouldAskEveryPortOfEveryHostOnceAndKnowItsCell(String targets, int ports) {
    TargetSpace space = space(targets, ports, new Random(ports).nextLong(), Shard.ALL);
    Set<String> all = new HashSet<>();
    for (int cell = 0; cell < space.size(); cell++) {
      assertThat(all.add(question(space, cell))).isTrue();
      assertThat(space.cell(space.high(cell), space.low(cell), space.port(cell))).isEqualTo(cell);
    }
    assertThat(all).hasSize((int) TargetSet.of(targets).size() * Math.max(1, ports));
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "1, 4", "5, 3", "100, 7"})
  void shouldShareOutWholeHosts(int ports, int shards) {
    Set<String> all = new HashSet<>();
    Map<Long, Integer> shardOf = new HashMap<>();
    for (int i = 1; i <= shards; i++) {
      TargetSpace space = space("10.0.0.0/24", ports, 99, new Shard(i, shards));
      for (int cell = 0; cell < space.size(); cell++) {
        assertThat(all.add(question(space, cell))).isTrue();
        assertThat(shardOf.merge(space.low(cell), i, (a, b) -> b)).isEqualTo(i);
        assertThat(space.host(cell)).isLessThan(space.hosts());
      }
      TargetSpace hosts = space.withoutPorts(99);
      assertThat(hosts.size()).isEqualTo(space.hosts());
      for (int cell = 0; cell < space.size(); cell++) {
        assertThat(hosts.low(space.host(cell))).isEqualTo(space.low(cell));
      }
    }
    assertThat(all).hasSize(256 * Math.max(1, ports));
    assertThat(shardOf).hasSize(256);
  }

  @Test
  void shouldKeepTheProbesOfAHostAsFarApartAsCanBe() {
    TargetSpace space = space("10.0.0.0/24", 20, 5, Shard.ALL);
    Map<Long, Integer> last = new HashMap<>();
    for (int cell = 0; cell < space.size(); cell++) {
      Integer before = last.put(space.low(cell), cell);
      if (before != null) {
        assertThat(cell - before).isEqualTo(256);
      }
    }
  }

  @Test
  void shouldAskDifferentPortsAtATime() {
    TargetSpace space = space("10.0.0.0/24", 64, 5, Shard.ALL);
    Set<Integer> ports = new HashSet<>();
    for (int cell = 0; cell < 256; cell++) {
      ports.add(space.port(cell));
    }
    assertThat(ports).hasSizeGreaterThan(48);
  }

  @Test
  void shouldListTargetsInTheOrderOfAddressesAndPorts() {
    TargetSpace space = space("10.0.0.0/26", 5, 3, Shard.ALL);
    List<Long> order = new ArrayList<>();
    space.forEachCell(cell -> order.add(space.low(cell) << 16 | space.port(cell)));
    assertThat(order).hasSize(space.size()).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void shouldKnowWhatIsNoTarget() {
    TargetSpace space = space("10.0.0.0/24", 3, 3, new Shard(1, 2));
    int strangers = 0;
    for (int i = 0; i < 256; i++) {
      long low = (Ipv4.parse("10.0.0.0") & UNSIGNED) + i;
      strangers += space.cell(0, low, 1) == TargetSpace.NO_CELL ? 1 : 0;
      assertThat(space.cell(0, low, 2)).isEqualTo(TargetSpace.NO_CELL);
      assertThat(space.cell(0, low, 0)).isEqualTo(TargetSpace.NO_CELL);
      assertThat(space.cell(0, low, 65_535)).isEqualTo(TargetSpace.NO_CELL);
      assertThat(space.cell(0, low, 1 << 16 | 1)).isEqualTo(TargetSpace.NO_CELL);
      assertThat(space.cell(0, low, -1)).isEqualTo(TargetSpace.NO_CELL);
      assertThat(space.cell(1, low, 1)).isEqualTo(TargetSpace.NO_CELL);
    }
    assertThat(strangers).isEqualTo(128);
    assertThat(space.cell(0, Ipv4.parse("10.0.1.0") & UNSIGNED, 1)).isEqualTo(TargetSpace.NO_CELL);
    assertThat(space.cell(0, -1, 1)).isEqualTo(TargetSpace.NO_CELL);
  }

  @Test
  void shouldRefuseMoreThanAnArrayHolds() {
    assertThatThrownBy(() -> space("10.0.0.0/8", 1000, 1, Shard.ALL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use shards");
  }
}
