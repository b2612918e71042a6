"""Runs a notebook from top to bottom and renders it: `run_notebook.py IN --out OUT.ipynb --html OUT.html`.

What is written is canonical: streams joined, times and everything else that a run leaves in the metadata taken out, so
that the same outputs give the same file. Ends with 1 if a cell fails, saying which and why.
"""

import argparse
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

# The first cell compiles the crates of this workspace.
TIMEOUT_SECONDS = 1200


def headline(cell):
    """The first line of a cell that says something."""
    lines = [line.strip() for line in cell.source.splitlines()]
    said = [line for line in lines if line and not line.startswith((":", "use "))]
    return (said or lines or [""])[0][:80]


class Reporting(NotebookClient):
    """Says what is run and how long it took."""

    async def async_execute_cell(self, cell, cell_index, **kwargs):
        if cell.cell_type != "code":
            return await super().async_execute_cell(cell, cell_index, **kwargs)
        place = f"[{cell_index + 1:>2}/{len(self.nb.cells)}]"
        print(f"  {place} {headline(cell)}", flush=True)
        begun = time.monotonic()
        try:
            return await super().async_execute_cell(cell, cell_index, **kwargs)
        finally:
            print(f"  {place} {time.monotonic() - begun:.1f} s", flush=True)


def canonical(notebook):
    """Takes out what differs from run to run without being an output."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Rust", "language": "rust", "name": "rust"},
        "language_info": {"file_extension": ".rs", "mimetype": "text/rust", "name": "rust"},
    }
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number:02}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        if cell.cell_type != "code":
            continue
        joined = []
        for output in cell.outputs:
            last = joined[-1] if joined else None
            if output.output_type == "stream" and last and last.get("name") == output.name:
                last.text += output.text
            else:
                joined.append(output)
            output.pop("transient", None)
            if "execution_count" in output:
                # The kernel counts its results one ahead of its inputs.
                output.execution_count = cell.execution_count
        cell.outputs = joined


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook")
    parser.add_argument("--folder", required=True, help="where the kernel runs")
    parser.add_argument("--out", required=True)
    parser.add_argument("--html", required=True)
    args = parser.parse_args()

    notebook = nbformat.read(args.notebook, as_version=4)
    client = Reporting(
        notebook,
        timeout=TIMEOUT_SECONDS,
        startup_timeout=120,
        # Outputs that come late are waited for; without the second line they would be left out, with a warning.
        iopub_timeout=120,
        raise_on_iopub_timeout=True,
        kernel_name="rust",
        record_timing=False,
        resources={"metadata": {"path": args.folder}},
    )
    failure = None
    try:
        client.execute()
    except CellExecutionError as error:
        failure = error
    canonical(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, args.out)
    exporter = HTMLExporter(exclude_input_prompt=True, exclude_output_prompt=True)
    html, _ = exporter.from_notebook_node(notebook)
    with open(args.html, "w", encoding="utf-8") as file:
        file.write(html)
    if failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
