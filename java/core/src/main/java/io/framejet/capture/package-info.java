/** Capture files, pcap and pcapng: read and written as streams, whole or cut off. */
@org.jspecify.annotations.NullMarked
package io.framejet.capture;
