/**
 * Links, their addresses, counters and routes; promiscuous mode; network namespaces; and labs to
 * test in.
 *
 * <p>All of it is asked of the kernel by rtnetlink (man 7 rtnetlink), in the namespace that the
 * link is in. No process is started and nothing below {@code /sys} is read, which would show the
 * links of another namespace.
 */
@org.jspecify.annotations.NullMarked
package io.framejet.link;
