/**
 * Framejet: raw Ethernet frames, injected and received as fast as the kernel can take them, every
 * reply matched to the probe that caused it.
 */
module io.framejet {
  requires static transitive org.jspecify;
  requires org.slf4j;
  requires inet.ipaddr;

  exports io.framejet;
  exports io.framejet.frame;
  exports io.framejet.target;
  exports io.framejet.link;
  exports io.framejet.engine;
  exports io.framejet.inject;
  exports io.framejet.receive;
  exports io.framejet.probe;
  exports io.framejet.demux;
  exports io.framejet.neighbor;
  exports io.framejet.sweep;
  exports io.framejet.capture;
}
