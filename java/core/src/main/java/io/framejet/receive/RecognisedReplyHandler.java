package io.framejet.receive;

/** Takes replies that the link's XDP program has recognised and summed up. */
@FunctionalInterface
public interface RecognisedReplyHandler {
  /**
   * A host has answered a probe.
   *
   * @param reply what it says; valid during this call only
   */
  void onRecognised(RecognisedReply reply);
}
