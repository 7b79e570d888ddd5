package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.testing.VethLab;
import org.junit.jupiter.api.Test;

/** ICMP, TCP and UDP sweeps by the XDP program of the link. */
class XdpProbeSweepTest extends ProbeSweepTest {
  @Override
  Backend backend() {
    return Backend.XDP;
  }

  @Override
  void prepare(VethLab lab) throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, true);
  }

  @Test
  void shouldFindEveryHostOfANetworkByEcho() throws FramejetException {
    shouldFindEveryHostOfANetworkByEcho(Backend.XDP);
  }
}
