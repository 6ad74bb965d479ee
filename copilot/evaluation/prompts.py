"""Make an `eval asr` manifest of the French prompts Debian packages, as users would of their own.

python -m copilot.evaluation.prompts var/sounds OUT_DIR [--least-words 5]
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
from pathlib import Path

SOUNDS = Path("usr/share/asterisk/sounds/fr_CA_f_June")
TEXTS = Path("usr/share/doc/asterisk-core-sounds-fr/core-sounds-fr.txt.gz")
_NOT_WORDS = re.compile(r"[\[(].*[\])]")


def write_manifest(root: Path, folder: Path, *, least_words: int = 5) -> int:
    """Copy the prompts of at least so many words beside a `manifest.jsonl`; gives how many."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    with gzip.open(root / TEXTS, "rt", encoding="utf-8") as texts:
        for line in texts:
            name, _, text = (part.strip() for part in line.partition(":"))
            audio = root / SOUNDS / f"{name}.wav"
            words = len(re.findall(r"\w+", text))
            if line.startswith(";") or words < least_words or _NOT_WORDS.search(text):
                continue
            if not audio.is_file():
                continue
            clip = f"{name.replace('/', '-')}.wav"
            shutil.copyfile(audio, folder / clip)
            lines.append({"audio": clip, "text": text, "language": "fr", "set": "prompts"})
    manifest = folder / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return len(lines)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--least-words", type=int, default=5)
    given = parser.parse_args()
    count = write_manifest(given.root, given.folder, least_words=given.least_words)
    print(f"{count} clips, {given.folder / 'manifest.jsonl'}")


if __name__ == "__main__":
    main()
