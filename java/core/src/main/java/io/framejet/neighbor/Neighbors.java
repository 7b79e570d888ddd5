package io.framejet.neighbor;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.link.LinkNeighbor;
import io.framejet.link.NetworkNamespace;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's table of neighbors, of one link or of all, as {@code ip neigh} shows it, and what
 * changes in it. It sends nothing: asking is what a {@link Resolver} does.
 *
 * <p>Not thread-safe.
 */
public final class Neighbors {
  private final NetworkNamespace namespace;
  private final @Nullable Link link;
  private Map<Key, LinkNeighbor> known = Map.of();

  private Neighbors(NetworkNamespace namespace, @Nullable Link link) {
    this.namespace = namespace;
    this.link = link;
  }

  /** The neighbors of one link. */
  public static Neighbors of(Link link) {
    return new Neighbors(link.namespace(), link);
  }

  /** The neighbors on all links of a namespace. */
  public static Neighbors of(NetworkNamespace namespace) {
    return new Neighbors(namespace, null);
  }

  /**
   * All neighbors at this moment, IPv4 before IPv6.
   *
   * @throws FramejetException LINK_GONE, PERMISSION_DENIED when the namespace cannot be entered
   */
  public List<LinkNeighbor> list() throws FramejetException {
    return link == null ? LinkNeighbor.all(namespace) : LinkNeighbor.of(link);
  }

  /**
   * What has changed since the last call; at the first, all that is there. What came and went in
   * between is not seen.
   *
   * @throws FramejetException as {@link #list()} does
   */
  public List<Change> changes() throws FramejetException {
    final Map<Key, LinkNeighbor> now = new LinkedHashMap<>();
    for (LinkNeighbor neighbor : list()) {
      now.put(new Key(neighbor.link().index(), neighbor.address()), neighbor);
    }
    final List<Change> changes = new ArrayList<>();
    known.forEach(
        (key, before) -> {
          if (!now.containsKey(key)) {
            changes.add(new Change(Kind.REMOVED, before));
          }
        });
    now.forEach(
        (key, neighbor) -> {
          final LinkNeighbor before = known.get(key);
          if (before == null) {
            changes.add(new Change(Kind.ADDED, neighbor));
          } else if (before.state() != neighbor.state()
              || before.router() != neighbor.router()
              || !Objects.equals(before.mac(), neighbor.mac())) {
            changes.add(new Change(Kind.CHANGED, neighbor));
          }
        });
    known = now;
    return changes;
  }

  private record Key(int link, InetAddress address) {}

  /** What became of a neighbor. */
  public enum Kind {
    /** It is new. */
    ADDED,
    /** Its MAC or its state is another. */
    CHANGED,
    /** The kernel has forgotten it. */
    REMOVED
  }

  /**
   * A change of the table.
   *
   * @param kind what happened
   * @param neighbor as it is now, or as it was before it was removed
   */
  public record Change(Kind kind, LinkNeighbor neighbor) {}
}
