/** What the tests of several packages share. */
@org.jspecify.annotations.NullMarked
package io.framejet.testing;
