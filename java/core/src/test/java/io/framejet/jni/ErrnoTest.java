package io.framejet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrnoTest {
  @ParameterizedTest
  @CsvSource({
    "1, EPERM, PERMISSION_DENIED",
    "2, ENOENT, NAMESPACE_NOT_FOUND",
    "6, ENXIO, LINK_GONE",
    "12, ENOMEM, OUT_OF_MEMORY",
    "19, ENODEV, LINK_NOT_FOUND",
    "23, ENFILE, RESOURCE_EXHAUSTED",
    "24, EMFILE, RESOURCE_EXHAUSTED",
    "67, ENOLINK, LINK_DOWN",
    "79, ELIBACC, NOT_SUPPORTED",
    "90, EMSGSIZE, FRAME_TOO_LARGE",
    "95, EOPNOTSUPP, NOT_SUPPORTED",
    "100, ENETDOWN, LINK_DOWN",
    "101, ENETUNREACH, NO_ROUTE",
    "110, ETIMEDOUT, TIMEOUT",
  })
  void shouldMapErrnoOfEitherSign(int errno, String name, ErrorCode code) {
    final FramejetException exception = Errno.exception(-errno, "send", "linux/ring", "v0");
    assertThat(exception.code()).isEqualTo(code).isEqualTo(Errno.code(errno));
    assertThat(exception.errno()).isEqualTo(errno);
    assertThat(exception.origin()).isEqualTo("linux/ring");
    assertThat(exception.link()).isEqualTo("v0");
    assertThat(exception).hasMessageContainingAll("send", "link=v0", name);
  }

  @Test
  void shouldSayHowToGrantCapability() {
    assertThat(Errno.exception(Errno.EPERM, "open", "linux/ring", null))
        .hasMessageContainingAll("CAP_NET_RAW", "setpriv");
  }

  @Test
  void shouldSayWhatToInstall() {
    assertThat(Errno.exception(Errno.ELIBACC, "open", "linux/pcap", null))
        .hasMessageContainingAll("libpcap not found", "install libpcap0.8");
  }

  @Test
  void shouldKeepUnknownNumber() {
    final FramejetException exception = Errno.exception(200, "open", "linux/ring", null);
    assertThat(exception.code()).isEqualTo(ErrorCode.SYSTEM_ERROR);
    assertThat(exception.errno()).isEqualTo(200);
    assertThat(exception).hasMessageContaining("errno 200");
  }
}
