package io.framejet.cli.bench;

import io.framejet.Backend;
import io.framejet.cli.bench.Request.Skipped;
import io.framejet.cli.output.Numbers;
import io.framejet.link.Link;
import java.util.stream.Collectors;

/** What is going to be done, in words. */
final class Announcement {
  private Announcement() {}

  static String of(Request request, long nanos) {
    Link link = request.link();
    StringBuilder text = new StringBuilder(400);
    text.append("Injecting on ").append(link.name());
    text.append(" (").append(link.kind().isEmpty() ? "" : link.kind() + ", ");
    text.append("MTU ").append(link.mtu()).append(") by ");
    text.append(request.backends().stream().map(Backend::label).collect(Collectors.joining(", ")));
    text.append(" as fast as ");
    text.append(
        request.tests().equals(java.util.List.of(Request.Test.RATE))
            ? "asked for"
            : "the kernel takes frames");
    text.append(", frames of size ");
    text.append(
        request.frameSizes().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    text.append('\n').append(Numbers.count(request.steps().size(), "case")).append(" of ");
    text.append(request.repetitions()).append(" x ");
    text.append(Numbers.duration(request.duration().toNanos())).append(" after ");
    text.append(Numbers.duration(request.warmUp().toNanos())).append(" of warming up: about ");
    text.append(Numbers.duration(nanos));
    Link to = request.to();
    text.append(
        to == null
            ? "; the frames go to the link's own MAC address, and nobody looks what comes of them"
            : "; the frames go to " + to.name() + ", and are counted there");
    text.append('\n');
    for (Skipped each : request.skipped()) {
      text.append(each.what()).append(" left out: ").append(each.reason()).append('\n');
    }
    return text.toString();
  }
}
