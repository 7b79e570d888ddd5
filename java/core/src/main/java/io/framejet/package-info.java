/** What every package shares: the errors, and the names of the backends. */
@org.jspecify.annotations.NullMarked
package io.framejet;
