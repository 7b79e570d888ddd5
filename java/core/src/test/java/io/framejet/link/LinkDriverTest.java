package io.framejet.link;

import static io.framejet.link.Commands.lab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import org.junit.jupiter.api.Test;

class LinkDriverTest {
  @Test
  void shouldTellOfALinkInAnotherNamespace() throws Exception {
    try (Lab lab = lab()) {
      LinkDriver driver = LinkDriver.of(lab.far());
      assertThat(driver.name()).isEqualTo("veth");
      assertThat(driver.speedMbps()).isEqualTo(10_000);
      assertThat(driver.txQueues()).isPositive();
      assertThat(driver.rxQueues()).isPositive();
      assertThat(driver.qdisc()).isEqualTo("noqueue");
      assertThat(driver.offloads()).contains("tx-checksumming", "scatter-gather");
    }
  }

  @Test
  void shouldLeaveOutWhatIsNotTold() throws Exception {
    try (Lab lab = lab()) {
      lab.editNear().addIfb("sink").up("sink");
      LinkDriver driver = LinkDriver.of(Link.find("sink", lab.nearNamespace()));
      assertThat(driver.speedMbps()).isEqualTo(LinkDriver.UNKNOWN);
      assertThat(driver.txRing()).isEqualTo(LinkDriver.UNKNOWN);
      assertThat(driver.qdisc()).isNotEmpty();
    }
  }

  @Test
  void shouldSayThatALinkIsGone() throws Exception {
    try (Lab lab = lab()) {
      Link link = lab.near();
      lab.editNear().delete("v0");
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> LinkDriver.of(link))
          .matches(fault -> fault.code() == ErrorCode.LINK_GONE);
    }
  }
}
