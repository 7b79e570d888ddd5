package io.framejet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.cli.bench.Compare.Verdict;
import org.junit.jupiter.api.Test;

class CompareTest {
  private static Verdict verdict(double[] one, double[] other) {
    return Compare.verdict(Runs.injection("ring", 64, one), Runs.injection("ring", 64, other));
  }

  @Test
  void shouldCallOnlyWhatDoesNotOverlapADifference() {
    assertThat(verdict(new double[] {1, 2, 3}, new double[] {3.1, 4, 5})).isEqualTo(Verdict.FASTER);
    assertThat(verdict(new double[] {3.1, 4, 5}, new double[] {1, 2, 3})).isEqualTo(Verdict.SLOWER);
    assertThat(verdict(new double[] {1, 2, 3}, new double[] {3, 4, 5})).isEqualTo(Verdict.NOISE);
    assertThat(verdict(new double[] {1, 2, 3}, new double[] {2, 2, 2})).isEqualTo(Verdict.NOISE);
  }

  @Test
  void shouldNotJudgeByOneRepetition() {
    assertThat(verdict(new double[] {1}, new double[] {2, 3})).isEqualTo(Verdict.UNKNOWN);
  }
}
