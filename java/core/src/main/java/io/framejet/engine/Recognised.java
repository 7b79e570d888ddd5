package io.framejet.engine;

/**
 * What an engine with a recognition made of the frames that arrived: of those that the probe's
 * filter lets through, the same that the probe itself would have made of them.
 *
 * @param replies recorded for receivers, or summed up, if there was room
 * @param others well-formed, and no replies to the probe
 * @param refused replies by their shape, without the cookie of one
 * @param malformed broken, or replies that no host may give
 * @param undecided left to the probe: recorded, for their checksum could not be verified here
 */
public record Recognised(long replies, long others, long refused, long malformed, long undecided) {}
