/** Where the library's log goes. */
@NullMarked
package io.framejet.cli.log;

import org.jspecify.annotations.NullMarked;
