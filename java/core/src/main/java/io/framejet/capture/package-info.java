/**
 * Capture files, pcap and pcapng: read and written as streams, whole or cut off; recorded from a
 * link, and replayed onto one.
 */
@org.jspecify.annotations.NullMarked
package io.framejet.capture;
