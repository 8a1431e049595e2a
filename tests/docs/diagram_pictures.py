"""docs/processes/*.svg: every plane of every shipped diagram as bpmn-js draws it in Chromium. Run by `make docs`.

A picture says which diagram it was made from, so that a test can tell without a browser whether it is the present one.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import subprocess
import tempfile
from pathlib import Path

from lxml import etree

from tests.browser.chromium import FLAGS, find_chromium

HOME = Path(__file__).resolve().parents[2]
FOLDER = HOME / "docs" / "processes"
BPMN_JS = HOME / "web" / "node_modules" / "bpmn-js" / "dist" / "bpmn-viewer.production.min.js"
DRAWING = ("--allow-file-access-from-files", "--virtual-time-budget=10000", "--dump-dom")
PAGE = """<!doctype html><meta charset="utf-8"><div id="canvas" style="width:2000px;height:1000px"></div><pre></pre>
<script src="%s"></script><script>
const viewer = new BpmnJS({container: "#canvas"});
viewer.importXML(%s).then(async () => {
  const canvas = viewer.get("canvas"), pictures = {};
  for (const root of canvas.getRootElements()) {
    canvas.setRootElement(root);
    pictures[root.id.replace(/_plane$/, "")] = (await viewer.saveSVG()).svg;
  }
  document.querySelector("pre").textContent = JSON.stringify(pictures);
});
</script>"""


def name_pictures(diagram: Path) -> dict[str, str]:
    """Return the names of a diagram's pictures by the id of the plane's element; the whole is called as the process."""
    root = etree.parse(diagram, etree.XMLParser(resolve_entities=False)).getroot()
    planes = [plane.get("bpmnElement") for plane in root.iter("{*}BPMNPlane")]
    inner = {element.get("id") for element in root.find("{*}process").iter("{*}subProcess", "{*}adHocSubProcess")}
    return {plane: f"{diagram.stem}-{plane}.svg" if plane in inner else f"{diagram.stem}.svg" for plane in planes}


def describe_origin(diagram: Path) -> str:
    """Return the comment that a picture carries: its diagram and the hash of it."""
    digest = hashlib.sha256(diagram.read_bytes()).hexdigest()
    return f"<!-- made by `make docs` from processes/{diagram.parent.name}/{diagram.name}, sha256 {digest} -->"


def draw_pictures(diagram: Path) -> dict[str, str]:
    """Return the pictures of a diagram by file name; raises `RuntimeError` where the browser draws nothing."""
    browser = find_chromium()
    if browser is None or not BPMN_JS.exists():
        raise RuntimeError("drawing needs Chromium and the packages of web/ (npm ci)")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(PAGE % (BPMN_JS.as_uri(), json.dumps(diagram.read_text(encoding="utf-8"))), encoding="utf-8")
        command = [browser, *FLAGS, *DRAWING, f"--user-data-dir={folder}/profile", page.as_uri()]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r"<pre>(\{.*\})</pre>", shown, re.DOTALL)
    if found is None:
        raise RuntimeError(f"{diagram.name} was not drawn: {shown[-500:]}")
    names = name_pictures(diagram)
    pictures = json.loads(html.unescape(found.group(1)))
    # Without XML declaration and document type: nothing may stand before the one, and nobody needs the other.
    return {
        names[plane]: f"{describe_origin(diagram)}\n{svg[svg.index('<svg') :]}\n"
        for plane, svg in pictures.items()
        if plane in names
    }


def list_diagrams() -> list[Path]:
    """Return the shipped diagrams."""
    return sorted((HOME / "processes").glob("*/*.bpmn"))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.svg"):
        old.unlink()
    for path in list_diagrams():
        for name, picture in draw_pictures(path).items():
            (FOLDER / name).write_text(picture, encoding="utf-8")
