/** The command line: one file per command, each turning its arguments into calls of the library. */
@NullMarked
package io.framejet.cli;

import org.jspecify.annotations.NullMarked;
