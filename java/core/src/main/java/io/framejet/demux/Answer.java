package io.framejet.demux;

import io.framejet.frame.Frame;

/**
 * The answer to a request.
 *
 * @param frame a copy of the frame that answered
 * @param timestampNanos when the kernel saw it: CLOCK_REALTIME, in nanoseconds
 * @param rttNanos from just before the request was handed to the kernel until then
 */
public record Answer(Frame frame, long timestampNanos, long rttNanos) {}
