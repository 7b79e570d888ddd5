/** The process around a command: signals, privileges, user namespaces. */
@NullMarked
package io.framejet.cli.process;

import org.jspecify.annotations.NullMarked;
