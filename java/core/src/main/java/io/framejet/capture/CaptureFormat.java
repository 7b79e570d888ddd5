package io.framejet.capture;

/** The two formats of capture files. */
public enum CaptureFormat {
  /** The classic one (draft-ietf-opsawg-pcap): one link type, no names, no drop counts. */
  PCAP,
  /** Its successor (draft-ietf-opsawg-pcapng): interfaces with names and statistics. */
  PCAPNG
}
