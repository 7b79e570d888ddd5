# SPDX-License-Identifier: Apache-2.0
# cmake -DLIBRARY=… -DOUTPUT=… -P digest.cmake: writes the SHA-256 of a file as sha256sum prints it.
file(SHA256 "${LIBRARY}" digest)
get_filename_component(name "${LIBRARY}" NAME)
file(WRITE "${OUTPUT}" "${digest}  ${name}\n")
