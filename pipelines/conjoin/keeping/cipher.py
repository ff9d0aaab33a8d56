"""The cipher of the archive: AES-256-GCM over chunks, so that no file need fit in memory. cryptography's only importer.

A sealed file is a header and one chunk after the other, each with a tag of its own. The header holds the check value
of the key and a random salt, from which the file gets a key of its own; the nonce of a chunk is its number and whether
it is the last one. So a chunk that was changed, exchanged, repeated or left out is noticed, and so is a file that was
cut off at the end of a chunk. Which original a file is, is not sealed in: whoever opens it compares its hash.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: How many bytes of a file are sealed together.
CHUNK = 1 << 20
_KEY_BYTES, _CHECK_BYTES, _SALT_BYTES, _TAG_BYTES = 32, 8, 16, 16
_MAGIC = b"conjoin sealed 1\n"
_HEADER_BYTES = len(_MAGIC) + _CHECK_BYTES + _SALT_BYTES


class Key:
    """The key of an archive. Nothing prints it."""

    def __init__(self, text: str) -> None:
        """``text`` is the key as ``new_key`` writes it.

        Raises:
            ValueError: It is none; the text is not repeated.
        """
        try:
            self._secret = base64.b64decode(text.strip().encode(), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            self._secret = b""
        if len(self._secret) != _KEY_BYTES:
            raise ValueError("a key is 44 letters, digits, - and _ with = at the end")
        #: Tells whether a key is the right one; the key cannot be found from it.
        self.check: bytes = self._derived(b"", b"conjoin key check", _CHECK_BYTES)

    def of_file(self, salt: bytes) -> AESGCM:
        """The cipher of one file: no two files share a key, so numbers of chunks may come again as nonces."""
        return AESGCM(self._derived(salt, b"conjoin original", _KEY_BYTES))

    def _derived(self, salt: bytes, purpose: bytes, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=salt, info=purpose).derive(self._secret)


def new_key() -> str:
    """A new random key, as text for the environment."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def sealed_length(byte_count: int) -> int:
    """How long a file of so many bytes is once it is sealed."""
    return _HEADER_BYTES + byte_count + _TAG_BYTES * max(1, -(-byte_count // CHUNK))


class Sealer:
    """Writes a sealed file: ``write`` takes its bytes in any portions, ``finish`` must follow."""

    def __init__(self, target: IO[bytes], key: Key) -> None:
        """``target`` is empty."""
        salt = os.urandom(_SALT_BYTES)
        self._target, self._cipher, self._header = target, key.of_file(salt), _MAGIC + key.check + salt
        self._waiting, self._number = bytearray(), 0
        target.write(self._header)

    def write(self, data: bytes) -> None:
        """Seal whatever is surely not the last chunk."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        """Seal the last chunk, which may be empty."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, is_last), chunk, self._header))
        self._number += 1


def key_check_of(sealed: IO[bytes]) -> bytes:
    """The check value of the key with which a file was sealed; the file is read from its beginning.

    Raises:
        ValueError: It does not begin as a sealed file does.
    """
    header = sealed.read(_HEADER_BYTES)
    if len(header) != _HEADER_BYTES or not header.startswith(_MAGIC):
        raise ValueError("it does not begin as an encrypted original does")
    return header[len(_MAGIC) : len(_MAGIC) + _CHECK_BYTES]


def opened(sealed: IO[bytes], key: Key) -> Iterator[bytes]:
    """The bytes of a sealed file, chunk by chunk; each is genuine, all of them once the iterator has ended.

    Raises:
        ValueError: A chunk is not what was sealed there, or the end is missing.
    """
    sealed.seek(0)
    header = sealed.read(_HEADER_BYTES)
    cipher = key.of_file(header[-_SALT_BYTES:])
    chunk, number = sealed.read(CHUNK + _TAG_BYTES), 0
    while True:
        following = sealed.read(CHUNK + _TAG_BYTES)
        try:
            plain = cipher.decrypt(_nonce(number, not following), chunk, header)
        except InvalidTag as error:
            raise ValueError(f"its encrypted bytes were changed, moved or cut off (part {number + 1})") from error
        yield plain
        if not following:
            return
        chunk, number = following, number + 1


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
