package io.framejet.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.target.RangeParser.Library;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainIpv4Test {
  private static final String LETTERS = "0123456789./.1-: xa*%_,\u0661";

  @Test
  void shouldReadWhatIsWrittenPlainlyAsTheLibraryDoes() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      String address =
          octet(random) + "." + octet(random) + "." + octet(random) + "." + octet(random);
      assertThat(PlainIpv4.address(address)).as(address).isEqualTo(Library.single(address, ""));
      assertSame(address);
      String prefix = address + "/" + random.nextInt(33);
      assertThat(assertSame(prefix)).as(prefix).isTrue();
    }
  }

  @Test
  void shouldTakeNothingThatTheLibraryRefusesOrReadsOtherwise() {
    Random random = new Random(2);
    int plain = 0;
    for (int i = 0; i < 60_000; i++) {
      StringBuilder text = new StringBuilder();
      text.append(octet(random)).append('.').append(octet(random)).append('.');
      text.append(octet(random)).append('.').append(octet(random)).append('/');
      text.append(random.nextInt(40));
      for (int edit = random.nextInt(3); edit >= 0 && !text.isEmpty(); edit--) {
        mutate(text, random);
      }
      plain += assertSame(text.toString()) ? 1 : 0;
    }
    assertThat(plain).isBetween(1_000, 59_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "...",
        "/",
        "1.2.3",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.4.5",
        "1.2.3.4/",
        "1.2.3.4/33",
        "1.2.3.4/024",
        "1.2.3.4/24/24",
        "01.2.3.4",
        "1.2.3.256",
        "1.2.3.0004",
        "1.2.3.4 ",
        "1.2.3.4/-1",
        "1.2.3.4/+1",
        "0x1.2.3.4",
        "1.2.3.\u0664",
        "::1",
        "10.77.0.0/255.255.0.0"
      })
  void shouldLeaveToTheLibraryWhatIsWrittenOtherwise(String text) {
    assertThat(PlainIpv4.addTo(new Ranges(), text)).isFalse();
  }

  /** That it is read as the library reads it, or not at all; whether it was read. */
  private static boolean assertSame(String text) {
    Ranges read = new Ranges();
    if (!PlainIpv4.addTo(read, text)) {
      assertThat(read.count()).as(text).isZero();
      return false;
    }
    Ranges expected = new Ranges();
    Library.addTo(expected, text);
    assertThat(read.count()).as(text).isEqualTo(1);
    assertThat(read.first(0)).as(text).isEqualTo(expected.first(0));
    assertThat(read.last(0)).as(text).isEqualTo(expected.last(0));
    return true;
  }

  private static int octet(Random random) {
    return random.nextInt(256) >>> random.nextInt(9);
  }

  private static void mutate(StringBuilder text, Random random) {
    int at = random.nextInt(text.length());
    char letter = LETTERS.charAt(random.nextInt(LETTERS.length()));
    switch (random.nextInt(3)) {
      case 0 -> text.insert(at, letter);
      case 1 -> text.setCharAt(at, letter);
      default -> text.deleteCharAt(at);
    }
  }
}
