"""Office files are ZIP packages of XML: looked through before anything opens them.

What a word processor or a spreadsheet never writes is refused: a package that unfolds to hundreds
of megabytes, member names that climb, document type declarations (where XML attacks live), macros.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile

from knowledge.documents.reading import ImportingError

MAX_UNFOLDED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
"""Office XML folds about 10 to 20 times."""
MAX_MEMBERS = 5_000
_RATIO_COUNTS_FROM = 10 * 1024 * 1024


def package_kind(content: bytes, name: str) -> str:
    """`docx` or `xlsx`. Raises ImportingError for what is neither, or is dangerous."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            _check_sizes(members, len(content), name)
            names = {member.filename for member in members}
            _check_names(names, name)
            kind = _kind(names, package, name)
            _check_declarations(package, members, name)
            return kind
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise damaged(name) from error


def damaged(name: str) -> ImportingError:
    return ImportingError(
        "import_unreadable",
        french=f"{name} : le fichier est abîmé ou incomplet."
        " Ouvrez-le et enregistrez-le de nouveau.",
        english=f"{name}: the file is damaged or incomplete. Open it and save it again.",
    )


def dangerous(name: str, french: str, english: str) -> ImportingError:
    return ImportingError(
        "import_dangerous",
        french=f"{name} : refusé, {french}. Copiez le contenu dans un fichier neuf.",
        english=f"{name}: refused, {english}. Copy the content into a new file.",
    )


def _check_sizes(members: list[zipfile.ZipInfo], size: int, name: str) -> None:
    unfolded = sum(member.file_size for member in members)
    too_folded = unfolded > _RATIO_COUNTS_FROM and unfolded > MAX_RATIO * size
    if unfolded > MAX_UNFOLDED_BYTES or too_folded or len(members) > MAX_MEMBERS:
        raise dangerous(
            name,
            f"il se déplie en {unfolded // (1024 * 1024)} Mo",
            f"it unfolds to {unfolded // (1024 * 1024)} MB",
        )
    if any(member.flag_bits & 1 for member in members):
        raise encrypted(name)


def _check_names(names: set[str], name: str) -> None:
    for member in names:
        plain = member.replace("\\", "/")
        if plain.startswith("/") or ":" in plain or ".." in plain.split("/"):
            shown = member[:60].encode("ascii", "replace").decode()
            raise dangerous(
                name,
                f"il contient un nom qui sort de son dossier ({shown})",
                f"it holds a name that leaves its folder ({shown})",
            )


def _kind(names: set[str], package: zipfile.ZipFile, name: str) -> str:
    types = package.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    if any(posixpath.basename(member).lower() == "vbaproject.bin" for member in names) or (
        b"macroEnabled" in types
    ):
        raise ImportingError(
            "import_macros",
            french=f"{name} : refusé, il contient des macros."
            " Enregistrez-le sans macros (.xlsx ou .docx).",
            english=f"{name}: refused, it holds macros. Save it without macros (.xlsx or .docx).",
        )
    if any(member.startswith("word/") for member in names) and types:
        return "docx"
    if any(member.startswith("xl/") for member in names) and types:
        return "xlsx"
    raise _other_package(names, package, name)


def _other_package(names: set[str], package: zipfile.ZipFile, name: str) -> ImportingError:
    """Why a package that is neither is refused, and what to save it as."""
    media_type = package.read("mimetype")[:100] if "mimetype" in names else b""
    if b"opendocument" in media_type or any(member.startswith("ppt/") for member in names):
        better = ".xlsx" if b"spreadsheet" in media_type else ".docx"
        if b"presentation" in media_type or not media_type:
            better = "PDF"
        return ImportingError(
            "import_format",
            french=f"{name} : format non lu. Enregistrez-le au format {better}.",
            english=f"{name}: format not read. Save it as {better}.",
        )
    return ImportingError(
        "import_format",
        french=f"{name} : c'est une archive, pas un document. Donnez ce qu'elle contient.",
        english=f"{name}: this is an archive, not a document. Give what it holds.",
    )


def _check_declarations(
    package: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str
) -> None:
    for member in members:
        if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with package.open(member) as file:
            head = file.read(65_536)
        folded = head.replace(b"\0", b"")  # UTF-16 spells the same with zeros between
        if re.search(rb"<!\s*(DOCTYPE|ENTITY)", folded, re.IGNORECASE):
            raise dangerous(
                name,
                "son XML déclare des entités (document piégé)",
                "its XML declares entities (a trap)",
            )


def encrypted(name: str) -> ImportingError:
    return ImportingError(
        "import_encrypted",
        french=f"{name} : protégé par un mot de passe. Enregistrez-le sans mot de passe.",
        english=f"{name}: protected by a password. Save it without a password.",
    )


def unknown_format(name: str) -> ImportingError:
    return ImportingError(
        "import_format",
        french=f"{name} : format non lu. Donnez un CSV, XLSX, DOCX, PDF, Markdown, HTML ou texte.",
        english=f"{name}: format not read."
        " Give a CSV, XLSX, DOCX, PDF, Markdown, HTML or text file.",
    )
