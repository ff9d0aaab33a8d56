"""Signatures of parties: Ed25519 through ``cryptography``, whose only home is here."""

import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from conjoin.errors import OverlapError
from conjoin.plain import visible

_LARGEST_KEY_FILE = 10_000
_PUBLIC = re.compile("[0-9a-f]{64}")


def make_identity(path: Path) -> Path:
    """Make a party's key pair: the private half where only its owner can read it, the public half beside it.

    Returns:
        The file of the public half, which may be given to anybody.

    Raises:
        OverlapError: One of the two files is there already: a key that signed agreements is never written over.
    """
    public = path.with_suffix(".pub")
    if public == path:
        raise OverlapError(
            f"{path}: .pub is the ending of the public half; give the private half another, like ours.key"
        )
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content, mode in ((path, text, 0o600), (public, f"{_public_half(key)}\n".encode(), 0o644)):
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError as error:
            raise OverlapError(
                f"{file}: there is a file of that name; choose another, or use the key it holds"
            ) from error
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    return public


def public_key_in(given: str) -> str:
    """A public key, from its 64 hexadecimal digits or from the file that holds them.

    Raises:
        OverlapError: It is neither.
    """
    path = Path(given)
    text = path.read_text(encoding="ascii", errors="replace").strip() if path.is_file() else given.strip()
    if not _PUBLIC.fullmatch(text):
        raise OverlapError(
            f"{visible(given[:80])}: neither a public key of 64 hexadecimal digits nor a file that holds one; "
            "`conjoin overlap identity` of its owner wrote it as a .pub file"
        )
    return text


def public_key_of(path: Path) -> str:
    """The public half of a key file, as 64 hexadecimal digits.

    Raises:
        OverlapError: As ``sign``.
    """
    return _public_half(_read(path))


def sign(path: Path, text: bytes) -> str:
    """The signature of a text by the key in a file, in hexadecimal digits.

    Raises:
        OverlapError: The file is not there, can be read by others, or holds no such key.
    """
    return _read(path).sign(text).hex()


def is_signed(public_key: str, text: bytes, signature: str) -> bool:
    """Whether the owner of the public key signed exactly this text."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_half(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _read(path: Path) -> Ed25519PrivateKey:
    if not path.is_file():
        raise OverlapError(f"{path}: there is no such key file; `conjoin overlap identity {path}` makes one")
    if path.stat().st_mode & 0o077:
        raise OverlapError(f"{path}: others can read this private key; take that from them with `chmod 600 {path}`")
    try:
        key = load_pem_private_key(path.read_bytes()[:_LARGEST_KEY_FILE], password=None)
    except (ValueError, TypeError) as error:
        raise OverlapError(
            f"{path}: this is no private key of `conjoin overlap identity`; name the right file"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OverlapError(f"{path}: a key of another kind; `conjoin overlap identity` makes the right one (Ed25519)")
    return key
