/** Who is on a link: the kernel's table of neighbors, and finding out who has an address. */
@org.jspecify.annotations.NullMarked
package io.framejet.neighbor;
