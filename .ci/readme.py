"""The README for PyPI, which knows nothing of the files that it links to."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Readme(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        """Let links and pictures lead to the repository, as of this version."""
        source, tag = metadata["urls"]["Source"], f"v{metadata['version']}"
        text = (Path(self.root) / "README.md").read_text("utf-8")
        text = re.sub(r"(!\[[^]]*\]\()(?!https?:)", rf"\1{source}/raw/{tag}/", text)
        text = re.sub(r"\]\((?!#|https?:)", f"]({source}/blob/{tag}/", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
